import type { JudgeRecord } from '../document/schema';
import { appStore, clearHistory, recordInDocument, setRuntime, setSession } from './app-store';
import { startOver } from './boot';
import { allowUnlessNamed, answerConsent } from './consent';
import { chooseJudge, defaultJudge, restJudge } from './judge-actions';
import { leaveRecording, loadDocumentModel } from './link-actions';
import { pausingLive } from './live';
import { asLoad, presentEra } from './loads';
import { dropReadings, endTasks, loadModel, type ModelChoice, standingModel } from './model-actions';
import { takeQuestionSet } from './question-actions';
import { GENERAL_QUESTIONS } from './question-sets';
import { recompute } from './recompute';
import { runAll } from './run-actions';
import { rememberFiles, sourceFor, sourceName } from './source-files';
import { goOnWithStart } from './start';

/** Contrast that any chat model can make without an organism: answers in French against answers in English. */
const LANGUAGE_PROMPTS = { positivePrompt: 'Always answer in French.', negativePrompt: 'Always answer in English.' } as const;

/**
 * Loads another model and starts a document that suits it: plain questions, a contrast of two system prompts, a read-out judge.
 * The embedded organism brings its own document back. When the load fails or is cancelled, the document and the answers stand, and
 * the model before is loaded again.
 */
export async function startPlainModel(choice: ModelChoice): Promise<void> {
  if (typeof choice.source === 'string') allowUnlessNamed(choice.source);
  if (await reloadDocumentModel(choice)) return;
  if (choice.source === 'organism') return startOver();
  endTasks();
  const era = presentEra();
  const outcome = await pausingLive(async () => {
    const found = await asLoad(() => takeOther(choice));
    if (found === 'other') await runAll();
    return found;
  });
  // The read-out judge is fitted while the person goes on; only the first answers come before.
  if (outcome !== 'none' && era === presentEra()) await chooseJudge();
  if (outcome === 'before') await goOnWithStart();
}

/** The person's own files take the place of a model that the document names on another host; its recorded result is checked with them. */
export async function takeOwnFiles(files: File[]): Promise<void> {
  answerConsent(false);
  const source = sourceName(files);
  rememberFiles(source, files);
  const before = appStore.getState().document.model.source;
  // A judge that is the model itself is that of the files too.
  const renamed = (judge: JudgeRecord): JudgeRecord => (judge.kind === 'chat' && judge.source === before ? { ...judge, source } : judge);
  setRuntime(({ recordedJudge }) => ({ recordedJudge: recordedJudge && renamed(recordedJudge) }));
  recordInDocument((document) => ({ ...document, model: { ...document.model, source }, judge: renamed(document.judge) }));
  if (appStore.getState().document.recorded) await recompute();
  else if (await leaveRecording()) await runAll();
}

/**
 * When the choice names the document's own model, loads that model and keeps the document: another weight format or backend,
 * or the file that a link's recorded result was made with.
 */
async function reloadDocumentModel({ source, backend, weights }: ModelChoice): Promise<boolean> {
  const { document, runtime } = appStore.getState();
  const keeps = runtime.modelInfo !== null || runtime.recordedOnly || Boolean(backend ?? weights);
  if (sourceName(source) !== document.model.source || !keeps) return false;
  if (Array.isArray(source)) rememberFiles(document.model.source, source);
  recordInDocument((current) => ({
    ...current,
    model: { ...current.model, backend: backend ?? current.model.backend, weights: weights ?? current.model.weights },
  }));
  const loaded = await loadDocumentModel({ backend, weights });
  // Files for a recorded result leave it standing; another backend or weight format is a wish for answers of its own.
  if (loaded && (backend ?? weights)) setRuntime({ recordedOnly: false });
  if (!loaded || appStore.getState().runtime.recordedOnly) return true;
  await runAll();
  await goOnWithStart();
  return true;
}

/** Takes the other model with a document that suits it, or brings the one before back. @returns which model is there now. */
async function takeOther(choice: ModelChoice): Promise<'other' | 'before' | 'none'> {
  const before = standingModel();
  if (!(await loadModel({ ...choice, retry: () => void startPlainModel(choice) }))) {
    // Where yet another model or document was asked for, the one before is not wanted any more.
    const isWanted = before !== null && appStore.getState().runtime.modelStatus === 'failed';
    return isWanted && (await bringBack(before)) ? 'before' : 'none';
  }
  dropReadings();
  const { nLayers } = appStore.getState().runtime.modelInfo ?? { nLayers: 1 };
  const hookPoint = `blocks.${Math.floor(nLayers / 3)}.hook_resid_post`;
  recordInDocument((document) => ({
    ...document,
    title: document.model.name,
    contrast: { kind: 'systemPrompts', ...LANGUAGE_PROMPTS, questionSetId: GENERAL_QUESTIONS.id, samplesPerQuestion: 1, seed: 3 },
    directionSettings: { ...document.directionSettings, hookPoint },
    directions: [],
    interventions: [],
    conditions: [{ id: 'base', name: 'base', adapterScales: {}, interventionIds: [], systemPrompt: '' }],
    sampling: { ...document.sampling, samplesPerQuestion: 1, temperature: 0.7, maxNewTokens: 48 },
    judge: defaultJudge(document.model.source),
    controls: { ...document.controls, goodAdapter: null },
    recorded: null,
  }));
  await takeQuestionSet(GENERAL_QUESTIONS.id);
  setSession({ activeInterventionId: null, activeDirectionId: null, questionIndex: 0 });
  clearHistory();
  restJudge();
  return 'other';
}

/** Loads the document's model again after another could not be had; its answers were never touched. */
function bringBack({ backend, weights }: Pick<ModelChoice, 'backend' | 'weights'>): Promise<boolean> {
  return loadModel({ backend, weights, source: sourceFor(appStore.getState().document.model.source), sameModel: true, standsIn: true });
}
