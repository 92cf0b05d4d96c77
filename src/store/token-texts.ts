import { callEngine } from './engine-handle';

/** Text of single token ids seen so far, by model: what streaming shows until the exact decoding of the whole answer replaces it. */
const cache = new Map<string, Map<number, string>>();
const asked = new Set<string>();

/** Texts of ids as far as they are known; unknown ones are fetched and stand empty until then. */
export function tokenTexts(modelId: string, ids: readonly number[]): string[] {
  const known = cache.get(modelId) ?? new Map<number, string>();
  cache.set(modelId, known);
  for (const id of new Set(ids)) {
    const key = `${modelId}:${id}`;
    if (known.has(id) || asked.has(key)) continue;
    asked.add(key);
    void callEngine('decode', { modelId, ids: [id] }).then(
      ({ text }) => known.set(id, text),
      () => asked.delete(key),
    );
  }
  return ids.map((id) => known.get(id) ?? '');
}

/** Learns texts from an exact decoding, so that the next stream shows them at once. */
export function learnTokenTexts(modelId: string, ids: readonly number[], tokens: readonly string[]): void {
  const known = cache.get(modelId) ?? new Map<number, string>();
  cache.set(modelId, known);
  ids.forEach((id, index) => {
    if (!known.has(id)) known.set(id, tokens[index] ?? '');
  });
}
