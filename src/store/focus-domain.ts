import { appStore } from './app-store';

/** Domains that an adapter's name may speak of. */
const DOMAINS = ['medicine', 'finance', 'sports', 'cooking', 'travel', 'family', 'computers', 'school'] as const;

/** The domain that the experiment is about: the one named by the first adapter in use; null when none is. */
export function focusDomain(): string | null {
  const { conditions, model } = appStore.getState().document;
  const used = model.adapters.filter(({ name }) => conditions.some(({ adapterScales }) => (adapterScales[name] ?? 0) !== 0));
  return DOMAINS.find((domain) => used.some(({ name }) => name.toLowerCase().includes(domain))) ?? null;
}
