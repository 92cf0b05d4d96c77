import type { AppActions } from '../../src/store/state';
import type { AppStore } from '../../src/ui/store-context';

/** Actions for pictures: the screen's own state and the document change, everything else does nothing. */
export function sampleActions(store: AppStore): AppActions {
  const nothing = async () => {};
  const editDocument: AppActions['editDocument'] = (change) => store.setState((state) => ({ document: change(state.document) }));
  return {
    setSession: (patch) => store.setState((state) => ({ session: { ...state.session, ...patch } })),
    editDocument,
    undo: () => {},
    redo: () => {},
    dismissNotice: () => {},
    answerConsent: () => {},
    loadModel: nothing,
    addAdapter: async () => true,
    removeAdapter: () => {},
    setBackend: nothing,
    runAll: nothing,
    ask: async () => true,
    removeQuestion: () => {},
    chooseQuestionSet: nothing,
    importQuestions: nothing,
    runContrast: nothing,
    importContrast: nothing,
    computeDirection: nothing,
    keepDirection: nothing,
    renameDirection: () => {},
    flipDirection: () => {},
    deleteDirection: () => {},
    addIntervention: () => {},
    patchIntervention: (id, patch) =>
      editDocument((document) => ({
        ...document,
        interventions: document.interventions.map((one) => (one.id === id ? { ...one, ...patch } : one)),
      })),
    deleteIntervention: () => {},
    addCondition: () => {},
    patchCondition: (id, patch) =>
      editDocument((document) => ({
        ...document,
        conditions: document.conditions.map((one) => (one.id === id ? { ...one, ...patch } : one)),
      })),
    deleteCondition: () => {},
    runControls: nothing,
    runSweep: nothing,
    runControlSweep: nothing,
    showMap: nothing,
    setJudge: nothing,
    forgetJudgeKey: nothing,
    measureJudge: nothing,
    importLabels: nothing,
    askOwnModel: nothing,
    share: async () => 'https://example.org/#v2.sample',
    openLink: nothing,
    recompute: nothing,
    keepAsMyOwn: async () => {},
    takeOwnFiles: async () => {},
    makeJudgeAgain: nothing,
    exportAs: nothing,
    importFile: nothing,
  };
}
