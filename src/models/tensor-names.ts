/** Prefixes under which a decoder's tensors are stored by the classes that wrap it, and the canonical one. */
const PREFIXES: ReadonlyArray<readonly [RegExp, string]> = [
  [/^(?:model\.)?language_model\.(?:model\.)?(?=layers\.|embed_tokens\.|norm\.)/, 'model.'],
  [/^(?:model\.)?language_model\.(?=lm_head\.)/, ''],
  [/^(?=layers\.|embed_tokens\.|norm\.)/, 'model.'],
];

/** Tensors beside the text model that the listed families carry and text does not need. */
const IGNORED = [/\.rotary_emb\.inv_freq$/, /^(?:model\.)?vision_tower\./, /^(?:model\.)?multi_modal_projector\./];

/** The name of a tensor as a plain causal language model has it, or null for one that text does not need. */
export function canonicalName(stored: string): string | null {
  if (IGNORED.some((pattern) => pattern.test(stored))) return null;
  for (const [pattern, prefix] of PREFIXES) if (pattern.test(stored)) return stored.replace(pattern, prefix);
  return stored;
}
