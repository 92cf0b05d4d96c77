import { signed } from '../../charts/number-text';
import type { ConditionRecord, DirectionRecord, InterventionRecord, VaneDocument } from '../../document/schema';

const SITE_SUFFIX = { resid_pre: ' pre', resid_mid: ' mid', resid_post: '', embed: '' } as const;

/** `blocks.4-8`, or `hook_embed`; the site only where it is not resid_post. */
export function hookRangeText({ hookSite, blocks }: Pick<InterventionRecord, 'hookSite' | 'blocks'>): string {
  return hookSite === 'embed' ? 'hook_embed' : `blocks.${blocks.replaceAll(' ', '') || '?'}${SITE_SUFFIX[hookSite]}`;
}

/** One edit in a few characters: `+0.35 medicine @ blocks.4-8`, `− medicine @ blocks.6`, `medicine = base mean @ …`. */
export function interventionText(intervention: InterventionRecord, directions: readonly DirectionRecord[]): string {
  const direction = directions.find(({ id }) => id === intervention.directionId)?.name ?? 'no direction';
  const place = `@ ${hookRangeText(intervention)}`;
  if (!intervention.enabled) return `${intervention.name} off`;
  if (intervention.operation === 'ablate') return `− ${direction} ${place}`;
  if (intervention.operation === 'steer') {
    return intervention.coefficient === 0 ? `0 ${direction}: no edit` : `${signed(intervention.coefficient)} ${direction} ${place}`;
  }
  const target = { zero: '0', number: signed(intervention.clampNumber, 1), negativeMean: 'aligned mean', positiveMean: 'misaligned mean' }[
    intervention.clampTo
  ];
  return `${direction} = ${target} ${place}`;
}

/** What makes a condition differ from the bare model, in one line. */
export function conditionText(condition: ConditionRecord, document: Pick<VaneDocument, 'interventions' | 'directions'>): string {
  const adapters = Object.entries(condition.adapterScales)
    .filter(([, scale]) => scale !== 0)
    .map(([name, scale]) => `${name} ×${scale.toFixed(2).replace('-', '−')}`);
  const edits = document.interventions
    .filter(({ id }) => condition.interventionIds.includes(id))
    .map((intervention) => interventionText(intervention, document.directions));
  const prompt = condition.systemPrompt ? [`“${condition.systemPrompt}”`] : [];
  const parts = [...edits, ...adapters, ...prompt];
  return parts.length > 0 ? parts.join(' · ') : 'no edit';
}
