import { GENERAL_QUESTIONS } from './question-sets';
import type { RuntimeState, SessionState } from './state';

/** What a tab shows at first. */
export function emptySession(): SessionState {
  return {
    theme: 'system',
    openStep: 4,
    activeInterventionId: null,
    activeDirectionId: null,
    questionIndex: 0,
    pinnedToken: null,
    bypass: false,
    tintThreshold: 0,
    phoneConditionId: null,
    kiosk: false,
    typedQuestion: '',
    singleKeysEnabled: true,
    dialog: null,
    enlarged: null,
  };
}

/** The runtime slice before anything was loaded; also what a new model starts from. */
export function emptyRuntime(): RuntimeState {
  return {
    canUndo: false,
    canRedo: false,
    capabilities: null,
    modelStatus: 'none',
    modelInfo: null,
    loadProgress: null,
    tasks: [],
    notices: [],
    answers: {},
    summaries: {},
    controls: {},
    directions: [],
    contrastReport: null,
    readLeftOut: [],
    profile: [],
    scatter: [],
    cosines: null,
    readingsMadeUnder: null,
    sweeps: {},
    sweepsMadeUnder: {},
    controlSweeps: {},
    map: null,
    residualNorms: {},
    judge: { name: '', agreement: null, status: 'waiting' },
    questionSets: [{ id: GENERAL_QUESTIONS.id, label: GENERAL_QUESTIONS.label, count: GENERAL_QUESTIONS.items.length }],
    linkBytes: null,
    linkFits: true,
    recompute: null,
    recordedOnly: false,
    recordedJudge: null,
    keptKeys: [],
    consent: null,
  };
}
