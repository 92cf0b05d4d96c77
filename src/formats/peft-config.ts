import { UnsupportedError } from '../core/errors';
import { LIMITS } from '../core/limits';
import { Fields, shown } from './json-fields';
import { fullMatch, PatternSyntaxError } from './pattern-matcher';

/** What adapter_config.json says about a LoRA; module keys are names such as `model.layers.3.mlp.down_proj`. */
export interface PeftConfig {
  baseModelName: string;
  /** Whether the config adapts this module. */
  targets(moduleKey: string): boolean;
  rank(moduleKey: string): number;
  /** alpha/r, or alpha/sqrt(r) with rsLoRA. */
  scaling(moduleKey: string): number;
}

const PLAIN_LORA =
  'This engine runs plain LoRA on the linear layers: merge the adapter into its base with peft and load the result as a model.';
/** Switches of adapter_config.json that change what an adapter computes, and what each stands for. */
const REFUSED: Readonly<Record<string, string>> = {
  use_dora: 'DoRA',
  lora_bias: 'a trained bias',
  modules_to_save: 'modules trained whole',
  trainable_token_indices: 'trained embeddings',
  target_parameters: 'adapted parameters',
  layer_replication: 'replicated layers',
  use_qalora: 'QALoRA',
  use_bdlora: 'BD-LoRA',
  alora_invocation_tokens: 'activated LoRA',
  megatron_config: 'Megatron layers',
  arrow_config: 'Arrow routing',
  kasa_config: 'KaSA',
  monteclora_config: 'MonteCLoRA',
  velora_config: 'VeLoRA',
};
/** Initialisations that also change the base model's weights. */
const REFUSED_INITIALISATIONS = ['pissa', 'olora', 'corda', 'loftq', 'lora_ga'];

/** Reads adapter_config.json. @throws UnsupportedError for another kind of adapter, by name; FormatError naming the field. */
export function readPeftConfig(json: unknown, file: string): PeftConfig {
  const fields = Fields.of(json, file);
  refuseOtherKinds(fields);
  const rank = fields.integer('r', 1, LIMITS.adapterRank, 8);
  const alpha = fields.number('lora_alpha', 0, 1e9, 8);
  const rankStabilised = fields.boolean('use_rslora', false);
  const ranks = readPattern(fields, 'rank_pattern', (pattern, key) => pattern.integer(key, 1, LIMITS.adapterRank));
  const alphas = readPattern(fields, 'alpha_pattern', (pattern, key) => pattern.number(key, 0, 1e9));
  const rankOf = (moduleKey: string) => lookUp(ranks, moduleKey, fields, 'rank_pattern') ?? rank;
  return {
    baseModelName: shownName(fields.raw('base_model_name_or_path')),
    targets: readTargets(fields),
    rank: rankOf,
    scaling(moduleKey) {
      const own = rankOf(moduleKey);
      return (lookUp(alphas, moduleKey, fields, 'alpha_pattern') ?? alpha) / (rankStabilised ? Math.sqrt(own) : own);
    },
  };
}

function refuseOtherKinds(fields: Fields): void {
  const type = fields.string('peft_type');
  if (type !== 'LORA') throw new UnsupportedError(`${fields.file}: field "peft_type": expected LORA, got "${shown(type)}".`, PLAIN_LORA);
  for (const [field, what] of Object.entries(REFUSED)) {
    const value = fields.raw(field);
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) continue;
    throw new UnsupportedError(`${fields.file}: field "${field}": expected none, got ${what}.`, PLAIN_LORA);
  }
  const bias = fields.string('bias', 'none');
  if (bias !== 'none') throw new UnsupportedError(`${fields.file}: field "bias": expected none, got "${shown(bias)}".`, PLAIN_LORA);
  const initialisation = fields.raw('init_lora_weights');
  if (typeof initialisation === 'string' && REFUSED_INITIALISATIONS.some((name) => initialisation.toLowerCase().startsWith(name))) {
    throw new UnsupportedError(
      `${fields.file}: field "init_lora_weights": expected an initialisation that leaves the base as it is, got "${shown(initialisation)}".`,
      PLAIN_LORA,
    );
  }
}

/** Target modules by list or pattern, less the excluded ones, in the listed layers only. */
function readTargets(fields: Fields): (moduleKey: string) => boolean {
  const targets = readNames(fields, 'target_modules');
  const excluded = readNames(fields, 'exclude_modules');
  if (!targets) throw fields.refuse('target_modules', 'module names or a pattern');
  const layers = readLayers(fields);
  const layerPatterns = readNames(fields, 'layers_pattern');
  const patterns = typeof layerPatterns === 'string' ? [layerPatterns] : (layerPatterns ?? []);
  return (moduleKey) => {
    if (excluded && matchesNames(fields, 'exclude_modules', excluded, moduleKey)) return false;
    if (!matchesNames(fields, 'target_modules', targets, moduleKey)) return false;
    // peft heeds the listed layers only where the modules are listed too and named by their ends.
    if (!layers || typeof targets === 'string' || targets.includes(moduleKey)) return true;
    const layer = layerIndex(fields, patterns, moduleKey);
    return layer !== null && layers.includes(layer);
  };
}

function matchesNames(fields: Fields, field: string, names: string | string[], moduleKey: string): boolean {
  if (typeof names !== 'string') return names.some((name) => moduleKey === name || moduleKey.endsWith(`.${name}`));
  if (names === 'all-linear') return true;
  return matches(fields, field, names, moduleKey);
}

function layerIndex(fields: Fields, patterns: readonly string[], moduleKey: string): number | null {
  const parts = moduleKey.split('.');
  for (let i = 1; i < parts.length - 1; i++) {
    if (!/^\d+$/.test(parts[i] as string)) continue;
    const before = parts.slice(0, i).join('.');
    if (patterns.length === 0 ? i >= 2 : patterns.some((pattern) => matches(fields, 'layers_pattern', `(.*\\.)?(?:${pattern})`, before)))
      return Number(parts[i]);
  }
  return null;
}

function readNames(fields: Fields, field: string): string | string[] | undefined {
  const value = fields.raw(field);
  if (value === undefined || typeof value === 'string') return value === '' ? undefined : value;
  const names = fields.array(field) ?? [];
  if (names.length > 10_000 || !names.every((name): name is string => typeof name === 'string'))
    throw fields.refuse(field, 'a list of names');
  return names.length === 0 ? undefined : names;
}

function readLayers(fields: Fields): number[] | undefined {
  const value = fields.raw('layers_to_transform');
  if (value === undefined) return undefined;
  const layers = Array.isArray(value) ? value : [value];
  if (!layers.every((layer): layer is number => Number.isInteger(layer) && layer >= 0 && layer < LIMITS.nLayers))
    throw fields.refuse('layers_to_transform', 'block indices');
  return layers.length === 0 ? undefined : layers;
}

function readPattern(fields: Fields, field: string, read: (pattern: Fields, key: string) => number): Map<string, number> {
  const pattern = fields.object(field);
  const keys = pattern?.names() ?? [];
  if (keys.length > 10_000) throw fields.refuse(field, 'at most 10000 entries');
  return new Map(keys.map((key) => [key, read(pattern as Fields, key)]));
}

/** The value of the first key that the module's name ends with, keys being patterns. */
function lookUp(pattern: ReadonlyMap<string, number>, moduleKey: string, fields: Fields, field: string): number | undefined {
  for (const [key, value] of pattern) if (matches(fields, field, `(.*\\.)?(?:${key})`, moduleKey)) return value;
  return pattern.get(moduleKey);
}

function matches(fields: Fields, field: string, pattern: string, text: string): boolean {
  try {
    return fullMatch(pattern, text);
  } catch (error) {
    if (!(error instanceof PatternSyntaxError)) throw error;
    throw new UnsupportedError(
      `${fields.file}: field "${field}": expected a pattern that this engine reads, got ${error.message}.`,
      'Write the module names as a list.',
    );
  }
}

function shownName(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 200) : '';
}
