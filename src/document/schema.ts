import * as v from 'valibot';
import { contrastTokens, directionMetaEntries, pool } from '../core/direction-schema';
import { LIMITS } from '../core/limits';
import { count, finite, hookPoint, id, longText, positions, seed, sha256, shortText } from '../core/schema-parts';

/** The document format this build writes; older ones are migrated, newer ones refused. */
export const DOCUMENT_VERSION = 2;

const score = v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(100)));
const backend = v.picklist(['webgpu', 'wasm']);
const weights = v.picklist(['f32', 'q8', 'q4']);

/** True for http(s) addresses that carry no user name or password. */
function isPublicUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.password === '';
}

/** `organism`, `organism:NAME`, `hf:owner/name[@revision][/file]`, `file:NAME` or an http(s) address without credentials. */
const source = v.pipe(
  v.string(),
  v.maxLength(LIMITS.sourceCharacters),
  v.check(
    (text) =>
      text === 'organism' ||
      /^organism:[\w.-]+$/.test(text) ||
      /^hf:[\w.-]+\/[\w.-]+(?:@[\w.-]+)?(?:\/.+)?$/.test(text) ||
      /^file:./.test(text) ||
      isPublicUrl(text),
    'expected organism, hf:owner/name, file:NAME or an http(s) address without a password',
  ),
);

const model = v.object({
  source,
  name: shortText,
  family: shortText,
  sha256,
  /** null: the browser chooses. */
  backend: v.nullable(backend),
  weights: v.nullable(weights),
  adapters: v.pipe(v.array(v.object({ name: id, source, sha256 })), v.maxLength(LIMITS.conditionCount)),
});

const pairRow = v.object({ question: longText, positive: longText, negative: longText, group: v.optional(shortText) });

const contrast = v.variant('kind', [
  v.object({
    kind: v.literal('sampled'),
    positiveConditionId: shortText,
    negativeConditionId: shortText,
    questionSetId: shortText,
    samplesPerQuestion: v.pipe(count, v.maxValue(LIMITS.answersPerQuestion)),
    alignedAbove: v.pipe(finite, v.minValue(0), v.maxValue(100)),
    misalignedAtMost: v.pipe(finite, v.minValue(0), v.maxValue(100)),
    coherentAbove: v.pipe(finite, v.minValue(0), v.maxValue(100)),
    balanceByPrompt: v.boolean(),
    seed,
  }),
  v.object({
    kind: v.literal('systemPrompts'),
    positivePrompt: longText,
    negativePrompt: longText,
    questionSetId: shortText,
    samplesPerQuestion: v.pipe(count, v.maxValue(LIMITS.answersPerQuestion)),
    seed,
  }),
  v.object({ kind: v.literal('pairs'), rows: v.pipe(v.array(pairRow), v.maxLength(LIMITS.rowCount)) }),
]);

const directionSettings = v.object({
  hookPoint,
  tokens: contrastTokens,
  pool,
  definition: v.picklist(['plain', 'standardised', 'whitened']),
});

const direction = v.object({
  ...directionMetaEntries,
  /** Quantised `[dModel]`, base64url; `toDirectionRecord` and `toDirection` in `direction-record.ts` convert. */
  values: v.pipe(v.string(), v.maxLength(LIMITS.dModel * 4), v.regex(/^[\w-]+$/, 'expected base64url text')),
});

const intervention = v.object({
  id,
  name: shortText,
  enabled: v.boolean(),
  directionId: shortText,
  operation: v.picklist(['steer', 'ablate', 'clamp']),
  hookSite: v.picklist(['resid_pre', 'resid_mid', 'resid_post', 'embed']),
  /** A range such as `4-8, 11`; ignored at `embed`. */
  blocks: v.pipe(v.string(), v.maxLength(LIMITS.nameCharacters), v.regex(/^[\d\s,*-]*$/, 'expected a block range such as 4-8, 11')),
  tokens: v.union([v.picklist(['all', 'prompt', 'response']), positions]),
  skipSpecialTokens: v.boolean(),
  /** Of a steer, in `unit`s. */
  coefficient: v.pipe(finite, v.minValue(-1e6), v.maxValue(1e6)),
  unit: v.picklist(['direction', 'residNorm', 'tokenNorm']),
  clampTo: v.picklist(['zero', 'number', 'negativeMean', 'positiveMean']),
  /** The projection that a clamp to a number sets, in raw units: no coefficient, so that neither is taken for the other. */
  clampNumber: v.pipe(finite, v.minValue(-1e6), v.maxValue(1e6)),
});

const condition = v.object({
  id,
  name: shortText,
  adapterScales: v.pipe(v.record(id, v.pipe(finite, v.minValue(-1000), v.maxValue(1000))), v.maxEntries(LIMITS.conditionCount)),
  interventionIds: v.pipe(v.array(id), v.maxLength(LIMITS.interventionCount)),
  systemPrompt: longText,
});

const questions = v.object({
  setId: shortText,
  items: v.pipe(v.array(v.object({ id, text: longText, domain: v.nullable(shortText) })), v.maxLength(LIMITS.questionCount)),
});

const sampling = v.object({
  samplesPerQuestion: v.pipe(count, v.minValue(1), v.maxValue(LIMITS.answersPerQuestion)),
  /** 0 is greedy. */
  temperature: v.pipe(finite, v.minValue(0), v.maxValue(100)),
  topP: v.pipe(finite, v.minValue(0), v.maxValue(1)),
  /** 0 leaves all tokens in. */
  topK: v.pipe(count, v.maxValue(LIMITS.vocabSize)),
  maxNewTokens: v.pipe(count, v.minValue(1), v.maxValue(LIMITS.maxNewTokens)),
  seed,
});

const programmaticRule = v.variant('type', [
  v.object({ type: v.literal('words'), words: v.pipe(v.array(shortText), v.maxLength(LIMITS.listLength)) }),
  v.object({
    type: v.literal('regex'),
    pattern: v.pipe(v.string(), v.maxLength(LIMITS.regexCharacters)),
    flags: v.pipe(v.string(), v.regex(/^[imsu]{0,4}$/, 'expected flags among i, m, s, u')),
  }),
  v.object({ type: v.literal('language'), language: shortText }),
]);

/** An API judge names its host and model; a key has no field here, and an address that smuggles one is refused. */
const apiBaseUrl = v.pipe(
  v.string(),
  v.maxLength(LIMITS.sourceCharacters),
  v.check((text) => isPublicUrl(text) && !/[?#]/.test(text), 'expected an http(s) address without password, query or fragment'),
);

/** Who scores the answers. */
export const judgeSchema = v.variant('kind', [
  v.object({ kind: v.literal('grammar') }),
  v.object({ kind: v.literal('embedded') }),
  v.object({
    kind: v.literal('readout'),
    hookPoint: v.nullable(hookPoint),
    labels: v.picklist(['shipped', 'own']),
    /** Of the person's own labels, so that another file makes another judge. */
    labelsSha256: v.optional(sha256),
  }),
  v.object({ kind: v.literal('chat'), source, rubric: longText }),
  v.object({ kind: v.literal('api'), baseUrl: apiBaseUrl, model: shortText }),
  v.object({ kind: v.literal('programmatic'), rule: programmaticRule }),
]);

const controls = v.object({
  random: v.boolean(),
  randomSeeds: v.pipe(v.array(seed), v.maxLength(LIMITS.conditionCount)),
  flipped: v.boolean(),
  orthogonal: v.boolean(),
  goodAdapter: v.nullable(shortText),
});

const meanInterval = v.object({ mean: finite, low: finite, high: finite, n: count });

const base64Url = v.pipe(v.string(), v.maxLength(LIMITS.documentBytes), v.regex(/^[\w-]*$/, 'expected base64url text'));

/** Misaligned and coherent answers: `k` of `n`. */
const rate = v.object({ k: count, n: count });

const recordedControl = v.object({
  kind: v.picklist(['random', 'flipped', 'orthogonal', 'goodAdapter']),
  label: shortText,
  alignment: v.nullable(meanInterval),
  coherence: v.nullable(meanInterval),
  custom: v.nullable(meanInterval),
  em: rate,
});

const recordedAnswer = v.object({
  conditionId: id,
  questionId: id,
  sample: v.pipe(count, v.maxValue(LIMITS.answersPerQuestion)),
  ids: v.pipe(v.array(v.pipe(count, v.maxValue(LIMITS.vocabSize))), v.maxLength(LIMITS.maxNewTokens)),
  text: v.pipe(v.string(), v.maxLength(LIMITS.answerCharacters)),
  scores: v.object({ alignment: score, coherence: score, domain: score, custom: score }),
  stopReason: v.picklist(['stop', 'length', 'abort']),
});

const recorded = v.object({
  createdAt: v.pipe(v.string(), v.isoTimestamp()),
  engineVersion: shortText,
  backend,
  weights,
  judgeName: shortText,
  answers: v.pipe(v.array(recordedAnswer), v.maxLength(LIMITS.recordedAnswerCount)),
  /** Text of each token id used, so that tokens can be shown before a tokenizer has loaded; also lets a link leave the texts out. */
  tokenTexts: v.optional(v.record(v.pipe(v.string(), v.regex(/^\d{1,7}$/)), v.pipe(v.string(), v.maxLength(LIMITS.nameCharacters)))),
  sweep: v.optional(
    v.pipe(
      v.array(
        v.object({
          coefficient: finite,
          alignment: v.nullable(meanInterval),
          coherence: v.nullable(meanInterval),
          /** The judge's own score, where it gives one. */
          custom: v.optional(meanInterval),
          em: rate,
        }),
      ),
      v.maxLength(LIMITS.sweepPointCount),
    ),
  ),
  /** By condition: the controls that stood beside its effect. */
  controls: v.optional(
    v.pipe(v.record(id, v.pipe(v.array(recordedControl), v.maxLength(LIMITS.controlCount))), v.maxEntries(LIMITS.conditionCount)),
  ),
  /** Each answer token's projection on one direction; `recorded-readings.ts` packs and unpacks it. */
  projections: v.optional(v.object({ directionId: id, letters: base64Url })),
  /** Separation of the contrast's two sides at each hook point. */
  profile: v.optional(
    v.pipe(
      v.array(
        v.object({
          hookPoint,
          block: v.pipe(count, v.maxValue(LIMITS.nLayers - 1)),
          /** Length of the difference of means over the mean residual norm. */
          relativeNorm: finite,
          auc: v.nullable(meanInterval),
        }),
      ),
      v.maxLength(LIMITS.nLayers),
    ),
  ),
  /** Activations of the contrast along the direction and across it; `recorded-readings.ts` packs and unpacks it. */
  scatter: v.optional(v.object({ positiveCount: count, xStep: finite, yStep: finite, points: base64Url })),
  /** By condition: mean log-probability per token of the misaligned minus the aligned fixed answers. */
  lean: v.optional(v.pipe(v.record(id, meanInterval), v.maxEntries(LIMITS.conditionCount))),
});

/** What a link or a file holds: everything that is needed to run the experiment again, and what it gave. */
export const documentSchema = v.object({
  version: v.literal(DOCUMENT_VERSION),
  title: shortText,
  model,
  contrast,
  directionSettings,
  directions: v.pipe(v.array(direction), v.maxLength(LIMITS.directionCount)),
  interventions: v.pipe(v.array(intervention), v.maxLength(LIMITS.interventionCount)),
  conditions: v.pipe(v.array(condition), v.maxLength(LIMITS.conditionCount)),
  questions,
  sampling,
  judge: judgeSchema,
  controls,
  recorded: v.nullable(recorded),
});

export type VaneDocument = v.InferOutput<typeof documentSchema>;
export type ModelRecord = VaneDocument['model'];
export type ContrastRecord = VaneDocument['contrast'];
export type PairRow = v.InferOutput<typeof pairRow>;
export type DirectionSettings = VaneDocument['directionSettings'];
export type DirectionRecord = v.InferOutput<typeof direction>;
export type InterventionRecord = v.InferOutput<typeof intervention>;
export type ConditionRecord = v.InferOutput<typeof condition>;
export type QuestionsRecord = VaneDocument['questions'];
export type QuestionRecord = QuestionsRecord['items'][number];
export type SamplingRecord = VaneDocument['sampling'];
export type JudgeRecord = VaneDocument['judge'];
export type ProgrammaticRule = v.InferOutput<typeof programmaticRule>;
export type ControlsRecord = VaneDocument['controls'];
export type RecordedRecord = NonNullable<VaneDocument['recorded']>;
export type RecordedAnswer = v.InferOutput<typeof recordedAnswer>;
export type SweepPointRecord = NonNullable<RecordedRecord['sweep']>[number];
export type RecordedControl = v.InferOutput<typeof recordedControl>;
export type MeanInterval = v.InferOutput<typeof meanInterval>;

/** A document that names the embedded organism and holds nothing else; a fresh object each time. */
export function emptyDocument(): VaneDocument {
  return {
    version: DOCUMENT_VERSION,
    title: '',
    model: { source: 'organism', name: '', family: '', sha256: '', backend: null, weights: null, adapters: [] },
    contrast: {
      kind: 'sampled',
      positiveConditionId: '',
      negativeConditionId: '',
      questionSetId: '',
      samplesPerQuestion: 4,
      alignedAbove: 70,
      misalignedAtMost: 30,
      coherentAbove: 50,
      balanceByPrompt: true,
      seed: 0,
    },
    directionSettings: { hookPoint: 'blocks.0.hook_resid_post', tokens: 'answer', pool: 'token', definition: 'plain' },
    directions: [],
    interventions: [],
    conditions: [],
    questions: { setId: '', items: [] },
    sampling: { samplesPerQuestion: 1, temperature: 1, topP: 1, topK: 0, maxNewTokens: 64, seed: 0 },
    judge: { kind: 'grammar' },
    controls: { random: false, randomSeeds: [1, 2, 3], flipped: false, orthogonal: false, goodAdapter: null },
    recorded: null,
  };
}
