import { appStore, dismissNotice, editDocument, notify, recordInDocument, redo, setRuntime, setSession, undo } from './app-store';
import { answerConsent } from './consent';
import { runContrast } from './contrast-actions';
import { runControlSweep, runControls, runSweep } from './control-actions';
import { computeDirection, deleteDirection, flipDirection, keepDirection, refreshDirections, renameDirection } from './direction-actions';
import { exportAs } from './export-actions';
import { importContrast, importFile } from './import-actions';
import {
  addCondition,
  addIntervention,
  deleteCondition,
  deleteIntervention,
  patchCondition,
  patchIntervention,
  removeAdapter,
} from './intervention-actions';
import { askOwnModel, followJudge, forgetJudgeKey, importLabels, measureJudge, setJudge } from './judge-actions';
import { keepAsMyOwn, leaveRecording, loadDocumentModel, openLink, restoreRecorded, share } from './link-actions';
import { followAll } from './live';
import { showMap } from './map-actions';
import { addAdapter } from './model-actions';
import { startPlainModel, takeOwnFiles } from './plain-model';
import { chooseQuestionSet, followingChosen, importQuestions, removeQuestion } from './question-actions';
import { recompute } from './recompute';
import { followingTint } from './reproject';
import { ask, runAll } from './run-actions';
import { currentJudge } from './scoring';
import { goOnWithStart } from './start';
import type { AppActions } from './state';

/** Failures that no task has shown become notices, so that nothing a person starts ends in silence; one goes when the same has succeeded. */
function shown<A extends unknown[], R>(action: (...args: A) => Promise<R>): (...args: A) => Promise<R | undefined> {
  let failure: string | null = null;
  return async (...args) => {
    try {
      const value = await action(...args);
      const notice = appStore.getState().runtime.notices.find(({ text }) => text === failure);
      if (notice) dismissNotice(notice.id);
      return value;
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
      notify('error', failure);
      return undefined;
    }
  };
}

function asVoid<A extends unknown[], R>(action: (...args: A) => Promise<R>): (...args: A) => Promise<void> {
  const run = shown(action);
  return async (...args) => {
    await run(...args);
  };
}

/** An action that tells whether what it was given was taken up. */
function asTaken<A extends unknown[]>(action: (...args: A) => Promise<boolean>): (...args: A) => Promise<boolean> {
  const run = shown(action);
  return async (...args) => (await run(...args)) ?? false;
}

/** Leaves a recorded result first where its model is loaded already; without one only the document changes. */
const withModel =
  <A extends unknown[]>(action: (...args: A) => Promise<void>) =>
  async (...args: A): Promise<void> => {
    if (appStore.getState().runtime.modelInfo) await leaveRecording();
    await action(...args);
  };

/** The same for what is done at once. */
const saying =
  <A extends unknown[]>(action: (...args: A) => void) =>
  (...args: A): void => {
    try {
      action(...args);
    } catch (error) {
      notify('error', error instanceof Error ? error.message : String(error));
    }
  };

/** Everything the screen can do, bound to the one store. */
export const actions: AppActions = {
  setSession(patch) {
    if (patch.activeDirectionId === undefined) setSession(patch);
    else followingTint(() => setSession(patch));
  },
  editDocument: (change, gesture) => judgeFollowing(() => editDocument(change, gesture)),
  undo: () => afterHistory(undo),
  redo: () => afterHistory(redo),
  dismissNotice,
  answerConsent,
  loadModel: asVoid(startPlainModel),
  takeOwnFiles: asVoid(takeOwnFiles),
  addAdapter: asTaken(addAdapter),
  removeAdapter,
  setBackend: asVoid(async (backend) => {
    recordInDocument((document) => ({ ...document, model: { ...document.model, backend } }));
    if (!(await loadDocumentModel({ backend }))) return;
    setRuntime({ recordedOnly: false });
    await runAll();
    await goOnWithStart();
  }),
  runAll: asVoid(async () => {
    if (await leaveRecording()) await runAll();
  }),
  ask: asTaken(async (question) => (await leaveRecording()) && ask(question)),
  removeQuestion,
  chooseQuestionSet: asVoid(withModel(chooseQuestionSet)),
  importQuestions: asVoid(withModel(importQuestions)),
  runContrast: asVoid(runContrast),
  importContrast: asVoid(importContrast),
  computeDirection: asVoid(() => computeDirection()),
  keepDirection: asVoid(keepDirection),
  renameDirection,
  flipDirection: saying(flipDirection),
  deleteDirection,
  addIntervention: saying(addIntervention),
  patchIntervention,
  deleteIntervention,
  addCondition: saying(addCondition),
  patchCondition,
  deleteCondition,
  runControls: asVoid(runControls),
  runSweep: asVoid(runSweep),
  runControlSweep: asVoid(runControlSweep),
  showMap: asVoid(showMap),
  setJudge: asVoid(setJudge),
  forgetJudgeKey: asVoid(forgetJudgeKey),
  measureJudge: asVoid(() => measureJudge(currentJudge())),
  makeJudgeAgain: asVoid(followJudge),
  importLabels: asVoid(importLabels),
  askOwnModel: asVoid(askOwnModel),
  share: async () => (await shown(share)()) ?? '',
  openLink: asVoid(openLink),
  recompute: asVoid(recompute),
  keepAsMyOwn: asVoid(keepAsMyOwn),
  exportAs: asVoid(exportAs),
  importFile: asVoid(importFile),
};

/** The judge in use follows the document's after a step that may name another. */
function judgeFollowing(step: () => void): void {
  const before = appStore.getState().document.judge;
  step();
  if (appStore.getState().document.judge !== before) void shown(followJudge)();
}

/** After undo or redo the runtime's directions and judge follow the document's records, and questions and conditions that came back are answered. */
function afterHistory(step: () => void): void {
  const before = appStore.getState().document;
  judgeFollowing(() => followingChosen(step));
  const { document } = appStore.getState();
  if (document.directions !== before.directions) refreshDirections();
  const { questions, conditions, sampling } = document;
  if (questions === before.questions && conditions === before.conditions && sampling === before.sampling) return;
  restoreRecorded();
  followAll();
}

export { appStore };
