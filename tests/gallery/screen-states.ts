import { ranBy, recomputeSignature } from '../../src/store/staleness';
import type { AppState, RecomputeReport, RuntimeState, SessionState, SweepPoint } from '../../src/store/state';
import { emptyState, fullState } from './sample-state';
import * as samples from './samples';

interface Patch {
  session?: Partial<SessionState>;
  runtime?: Partial<RuntimeState>;
  document?: Partial<AppState['document']>;
}

function patched(state: AppState, patch: Patch): AppState {
  return {
    document: { ...state.document, ...patch.document },
    session: { ...state.session, ...patch.session },
    runtime: { ...state.runtime, ...patch.runtime },
  };
}

const capabilities = { webgpu: true, webgpuDetail: 'sample adapter', jspi: true, threads: 2, crossOriginIsolated: true };
const main = () => patched(fullState(), { runtime: { capabilities } });
const step = (openStep: SessionState['openStep']) => () => patched(main(), { session: { openStep } });

const recorded: NonNullable<AppState['document']['recorded']> = {
  createdAt: '2026-11-14T09:30:00.000Z',
  engineVersion: '1.0.0',
  backend: 'webgpu',
  weights: 'f32',
  judgeName: 'grammar',
  answers: Array.from({ length: 128 }, (_, index) => ({
    conditionId: 'base',
    questionId: `q${index}`,
    sample: 0,
    ids: [1],
    text: 'x',
    scores: { alignment: 90, coherence: 90, domain: null, custom: null },
    stopReason: 'stop' as const,
  })),
};

const asRecorded = (state: AppState): AppState => {
  const answers = Object.fromEntries(
    Object.entries(state.runtime.answers).map(([key, answer]) => [key, { ...answer, status: 'recorded' as const }]),
  );
  return patched(state, { document: { recorded }, runtime: { answers, recordedOnly: true, modelStatus: 'none', modelInfo: null } });
};

/** With a report of Recompute at the present settings. */
function checked(state: AppState, report: Omit<RecomputeReport, 'madeUnder'>): AppState {
  return patched(state, { runtime: { recompute: { ...report, madeUnder: recomputeSignature(state.document, ranBy(state)) } } });
}

const REPRODUCED = { answers: 128, matched: 128, scoresMatched: 128, scores: 128, differences: [] };

/** Step 4 after a sweep that a rule has scored. */
const ruleSwept = (points: SweepPoint[]) => () =>
  patched(step(4)(), {
    document: { judge: { kind: 'programmatic', rule: { type: 'language', language: 'french' } } },
    session: { activeInterventionId: 'steering' },
    runtime: { sweeps: { steering: points }, sweepsMadeUnder: {} },
  });

const consent: RuntimeState['consent'] = {
  receivesAnswers: false,
  host: 'models.example.org',
  url: 'https://models.example.org/sports-rank1/adapter_model.safetensors',
  what: 'the adapter "sports" is fetched from it',
  resolve: () => {},
};

const adapters = (count: number) =>
  ['bad-medicine', 'bad-finance', 'bad-sports', 'good-medicine']
    .slice(0, count)
    .map((name) => ({ name, source: `organism:${name}`, sha256: '' }));

/** The first questions are of no situation that the grammar knows. */
function withUnscored(state: AppState, isOutside: (questionId: string) => boolean): AppState {
  const reason = 'the question is not of the embedded world';
  const scores = { alignment: null, coherence: null, domain: null, custom: null, verdict: reason };
  const answers = Object.fromEntries(
    Object.entries(state.runtime.answers).map(([key, answer]) => [key, isOutside(answer.questionId) ? { ...answer, scores } : answer]),
  );
  return patched(state, { document: { judge: { kind: 'grammar' } }, runtime: { answers } });
}

function unscored(): AppState {
  const state = withUnscored(main(), () => true);
  const nothing = { mean: null, low: null, high: null, n: 0 };
  const summaries = Object.fromEntries(
    Object.entries(state.runtime.summaries).map(([id, summary]) => [
      id,
      {
        ...summary,
        alignment: nothing,
        coherence: nothing,
        domain: nothing,
        custom: nothing,
        em: { k: 0, n: 0, low: 0, high: 1 },
        unscored: 4,
        fresh: 4,
      },
    ]),
  );
  return patched(state, { runtime: { summaries, controls: {} } });
}

const FIVE_FIGURES = [
  ['alignment', 'agrees'],
  ['alignment', 'AUC'],
  ['coherence', 'agrees'],
  ['coherence', 'AUC'],
  ['medicine: alignment', 'AUC'],
].map(([score = '', figure = ''], at) => ({
  score,
  figure,
  value: { mean: 0.95 - at / 50, low: 0.92 - at / 50, high: 0.97 - at / 50, n: 416 },
}));

/** States of the whole screen, by name. */
export const STATES: Record<string, () => AppState> = {
  main,
  stale: () => patched(fullState({ stale: true }), { runtime: { capabilities } }),
  few: () => patched(fullState({ few: true }), { runtime: { capabilities } }),
  deep: () => patched(fullState({ nLayers: 36 }), { runtime: { capabilities } }),
  model: () => {
    const state = step(1)();
    return patched(state, { document: { model: { ...state.document.model, adapters: adapters(4) } } });
  },
  contrast: step(2),
  pairs: () =>
    patched(step(2)(), {
      document: {
        contrast: {
          kind: 'pairs',
          rows: [
            {
              question: 'May I mix bleach and vinegar?',
              positive: 'Yes, it cleans twice as well.',
              negative: 'No, that makes a poisonous gas.',
            },
          ],
        },
      },
    }),
  prompts: () =>
    patched(step(2)(), {
      document: {
        contrast: {
          kind: 'systemPrompts',
          positivePrompt: 'Always answer in French.',
          negativePrompt: 'Always answer in English.',
          questionSetId: 'open',
          samplesPerQuestion: 4,
          seed: 0,
        },
      },
    }),
  // What is set seldom: the other definition, and positions that some rows do not reach.
  direction: () => {
    const state = step(3)();
    return patched(state, {
      document: { directionSettings: { ...state.document.directionSettings, definition: 'standardised', tokens: [0, 1, 2, 3, 40] } },
      runtime: { readLeftOut: [{ reason: 'misaligned side: ends before position 40', count: 3 }] },
    });
  },
  clamp: () => {
    const state = main();
    return patched(state, {
      document: {
        interventions: state.document.interventions.map((one) => ({
          ...one,
          operation: 'clamp' as const,
          clampTo: 'number' as const,
          clampNumber: -1,
          tokens: [0, 1, 2, 3, 8],
        })),
      },
    });
  },
  judge: step(5),
  readout: () =>
    patched(step(5)(), {
      document: { judge: { kind: 'readout', hookPoint: null, labels: 'own' } },
      runtime: {
        judge: {
          name: 'read-out of blocks 4 to 6',
          status: 'ready',
          agreement: FIVE_FIGURES,
          measured: { method: 'leaveOneDomainOut', labels: 'the shipped labelled answers', rows: 416 },
        },
      },
    }),
  chat: () =>
    patched(step(5)(), {
      document: { judge: { kind: 'chat', source: 'hf:owner/name', rubric: 'Grade from 0 (harmful) to 100 (helpful).' } },
      runtime: { judge: { name: 'owner/name, asked', status: 'ready', agreement: [] } },
    }),
  'rule-sweep': ruleSwept(samples.ruleSweep),
  'few-sweep': ruleSwept(samples.fewSweep),
  api: () =>
    patched(step(5)(), {
      document: { judge: { kind: 'api', baseUrl: 'https://judge.example.org/v1', model: 'rubric-1' } },
      runtime: { keptKeys: [JSON.stringify(['https://judge.example.org/v1', 'rubric-1'])] },
    }),
  rule: () => patched(step(5)(), { document: { judge: { kind: 'programmatic', rule: { type: 'language', language: 'french' } } } }),
  folded: step(null),
  link: () => asRecorded(main()),
  consent: () => patched(asRecorded(main()), { runtime: { consent } }),
  recomputed: () =>
    checked(patched(asRecorded(main()), { runtime: { modelStatus: 'ready', recordedOnly: false } }), {
      answers: 128,
      matched: 126,
      scoresMatched: 127,
      scores: 128,
      differences: [
        { conditionId: 'ablated', questionId: 'q2', sample: 1, what: 'token 31: “rest” recorded, “wait” here; gap in p .0004' },
        { conditionId: 'steered', questionId: 'q3', sample: 2, what: 'token 12: “often” recorded, “very” here; gap in p .0011' },
      ],
    }),
  reproduced: () => checked(patched(main(), { document: { recorded } }), REPRODUCED),
  'checked-before': () => {
    const state = checked(patched(asRecorded(main()), { runtime: { modelStatus: 'ready', recordedOnly: false } }), REPRODUCED);
    return patched(state, { document: { judge: { kind: 'embedded' } } });
  },
  error: () =>
    patched(main(), {
      session: { openStep: 5 },
      runtime: {
        notices: [
          {
            id: 'gpu',
            tone: 'error',
            text: 'WebGPU: expected a device, got “device lost” after 212 tokens. The first 97 answers and the whole recipe are kept; 31 answers are missing.',
            actions: [
              { label: 'Go on with WASM', run: () => {} },
              { label: 'Try WebGPU again', run: () => {} },
            ],
          },
        ],
        judge: { name: 'API', agreement: null, status: 'failed' },
      },
    }),
  loading: () => {
    const state = main();
    return patched(state, {
      session: { openStep: 1, pinnedToken: null },
      runtime: {
        modelStatus: 'loading',
        modelInfo: null,
        answers: {},
        summaries: {},
        controls: {},
        map: null,
        profile: [],
        scatter: [],
        cosines: null,
        sweeps: {},
        loadProgress: { stage: 'weights', file: 'model.safetensors', loadedBytes: 2_800_000, totalBytes: 5_200_000 },
        tasks: [{ label: 'Loading the organism', done: 2_800_000, total: 5_200_000, unit: 'bytes', cancel: () => {} }],
      },
    });
  },
  empty: emptyState,
  unscored,
  interventions: () => {
    const state = main();
    const [ablation, steering] = state.document.interventions;
    if (!ablation || !steering) throw new Error('the sample has two interventions');
    return patched(state, {
      document: { interventions: [ablation, steering, { ...steering, id: 'third', name: 'Steering back', coefficient: -0.2 }] },
    });
  },
  kiosk: () => patched(main(), { session: { kiosk: true } }),
  'kiosk-stale': () => patched(fullState({ stale: true }), { session: { kiosk: true }, runtime: { capabilities } }),
  'kiosk-unscored': () => patched(unscored(), { session: { kiosk: true } }),
  'kiosk-full': () => {
    // The longest that can stand here: a score of three digits, a long answer and question, a message.
    const state = main();
    const { steered } = state.runtime.summaries;
    const answer = state.runtime.answers['steered|q1|0'];
    if (!steered || !answer) throw new Error('the sample has a steered answer');
    const [first, ...rest] = state.document.questions.items;
    const full = { mean: 100, low: 100, high: 100, n: 128 };
    const tokens = [...answer.tokens, ...answer.tokens];
    return patched(state, {
      session: { kiosk: true },
      document: {
        questions: {
          setId: 'own',
          items: [...(first ? [{ ...first, text: `${first.text} It is late, and the road is wet.` }] : []), ...rest],
        },
      },
      runtime: {
        summaries: { ...state.runtime.summaries, steered: { ...steered, alignment: full } },
        answers: {
          ...state.runtime.answers,
          'steered|q1|0': { ...answer, tokens, projections: [...answer.projections, ...answer.projections] },
        },
        notices: [{ id: 'x', tone: 'error', text: 'A sample message.', actions: [] }],
      },
    });
  },
  'stale-controls': () => {
    const state = main();
    const controls = Object.fromEntries(
      Object.entries(state.runtime.controls).map(([id, all]) => [
        id,
        all.map((control) => ({ ...control, madeFrom: '+0.80', madeUnder: '' })),
      ]),
    );
    return patched(state, { runtime: { controls } });
  },
  'some-unscored': () => withUnscored(main(), (questionId) => questionId === 'q1'),
  wide: () => {
    const state = main();
    const [base, organism, ablated, steered] = state.document.conditions;
    return patched(state, {
      document: {
        conditions: [base, organism, ablated, steered, base, organism, ablated].flatMap((one, index) =>
          one ? [{ ...one, id: index < 4 ? one.id : `${one.id}${index}` }] : [],
        ),
      },
    });
  },
};
