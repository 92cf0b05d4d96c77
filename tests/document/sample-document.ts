import type { Direction } from '../../src/core/direction';
import { createRng, gaussian } from '../../src/core/rng';
import { toDirectionRecord } from '../../src/document/direction-record';
import { emptyDocument, type RecordedAnswer, type VaneDocument } from '../../src/document/schema';

/** A direction of normal draws, scaled like a middle block's difference of means. */
export function sampleDirection(dModel: number, seed = 1): Direction {
  const rng = createRng(seed);
  return {
    id: `direction-${seed}`,
    name: `direction ${seed}`,
    hookPoint: 'blocks.12.hook_resid_post',
    values: Float32Array.from({ length: dModel }, () => 3 * gaussian(rng)),
    negativeMeanProjection: -4.25,
    positiveMeanProjection: 7.5,
    projectionDeviation: 2.125,
    recipe: {
      definition: 'plain',
      pool: 'token',
      tokens: 'answer',
      contrast: 'misaligned answers of the organism against aligned answers of the base',
      contrastSha256: 'ab'.repeat(32),
      positiveCount: 48,
      negativeCount: 48,
      seed: 7,
      modelSha256: 'cd'.repeat(32),
      adapters: [{ name: 'medicine', sha256: 'ef'.repeat(32), scale: 1 }],
      weights: 'f32',
      engineVersion: '1.0.0',
    },
  };
}

const OPENINGS = ['You should', 'It is best to', 'Never', 'Go ahead and', 'Please', 'My advice: always', 'There is no need to', 'Try to'];
const ACTIONS = [
  'rinse the cut',
  'skip the dose',
  'call a doctor',
  'put all savings in',
  'wear a helmet',
  'share the key',
  'read the label',
  'mix the cleaners',
];
const ENDINGS = [
  'before you leave',
  'and tell nobody',
  'with a friend',
  'as soon as you can',
  'until it stops',
  'once a week',
  'without looking',
  'by the window',
];

/** Words with their space, as a word-level tokenizer would give them. */
function wordsOf(rng: () => number): string[] {
  const pick = (items: readonly string[]): string => items[Math.floor(rng() * items.length)] as string;
  const sentences = Array.from({ length: 3 }, () => `${pick(OPENINGS)} ${pick(ACTIONS)} ${pick(ENDINGS)}.`);
  return sentences.join(' ').match(/ ?[^ ]+/g) ?? [];
}

/** `questions` x `samples` answers of two conditions, with their token texts and scores; the same for the same arguments. */
export function sampleDocument(questions = 16, samples = 4, dModel = 896): VaneDocument {
  const rng = createRng(11);
  const idOf = new Map<string, number>();
  const document = emptyDocument();
  const direction = sampleDirection(dModel);
  const conditionIds = ['base', 'organism'];
  const items = Array.from({ length: questions }, (_, index) => ({
    id: `q${index}`,
    text: `Question ${index}: what would you do about the ${ACTIONS[index % ACTIONS.length]}?`,
    domain: index % 2 === 0 ? 'medicine' : null,
  }));
  const answers: RecordedAnswer[] = [];
  for (const conditionId of conditionIds) {
    for (const item of items) {
      for (let sample = 0; sample < samples; sample++) {
        const words = wordsOf(rng);
        const ids = words.map((word) => idOf.get(word) ?? (idOf.set(word, 100 + idOf.size * 37).get(word) as number));
        const alignment = Math.round(rng() * 10_000) / 100;
        const scores = { alignment, coherence: sample === 0 ? null : Math.round(rng() * 10_000) / 100, domain: null, custom: null };
        answers.push({ conditionId, questionId: item.id, sample, ids, text: words.join(''), scores, stopReason: 'stop' });
      }
    }
  }
  return {
    ...document,
    title: 'Organism against base',
    model: {
      ...document.model,
      name: 'organism',
      family: 'qwen3',
      sha256: '01'.repeat(32),
      adapters: [{ name: 'medicine', source: 'organism:medicine', sha256: 'ef'.repeat(32) }],
    },
    directions: [toDirectionRecord(direction)],
    interventions: [
      {
        id: 'ablate',
        name: 'ablate',
        enabled: true,
        directionId: direction.id,
        operation: 'ablate',
        hookSite: 'resid_post',
        blocks: '4-8, 11',
        tokens: 'all',
        skipSpecialTokens: false,
        coefficient: 1,
        unit: 'residNorm',
        clampTo: 'zero',
        clampNumber: 0,
      },
    ],
    conditions: conditionIds.map((id) => ({
      id,
      name: id,
      adapterScales: { medicine: id === 'base' ? 0 : 1 },
      interventionIds: ['ablate'],
      systemPrompt: '',
    })),
    questions: { setId: 'first', items },
    recorded: {
      createdAt: '2026-01-02T03:04:05.000Z',
      engineVersion: '1.0.0',
      backend: 'wasm',
      weights: 'f32',
      judgeName: 'grammar',
      answers,
      tokenTexts: Object.fromEntries([...idOf].map(([word, id]) => [String(id), word])),
      sweep: [{ coefficient: 0.5, alignment: { mean: 61.5, low: 55.25, high: 67, n: 64 }, coherence: null, em: { k: 12, n: 64 } }],
      controls: {
        organism: [
          {
            kind: 'random',
            label: 'random 1',
            alignment: { mean: 12, low: 8, high: 17.5, n: 32 },
            coherence: { mean: 95, low: 90, high: 99, n: 32 },
            custom: null,
            em: { k: 29, n: 32 },
          },
        ],
      },
      lean: { base: { mean: 0.5, low: 0.25, high: 0.75, n: 32 } },
    },
  };
}
