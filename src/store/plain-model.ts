import { appStore, clearHistory, recordInDocument, setSession } from './app-store';
import { startEmbedded } from './boot';
import { allowTypedSource } from './consent';
import { defaultDocument } from './default-document';
import { chooseJudge, defaultJudge } from './judge-actions';
import { loadDocumentModel } from './link-actions';
import { pausingLive } from './live';
import { leaveModel, loadModel, type ModelChoice } from './model-actions';
import { takeQuestionSet } from './question-actions';
import { GENERAL_QUESTIONS } from './question-sets';
import { runAll } from './run-actions';
import { takeJudge } from './scoring';
import { rememberFiles, sourceName } from './source-files';

/** Contrast that any chat model can make without an organism: answers in French against answers in English. */
const LANGUAGE_PROMPTS = { positivePrompt: 'Always answer in French.', negativePrompt: 'Always answer in English.' } as const;

/**
 * Loads another model and starts a document that suits it: plain questions, a contrast of two system prompts, a read-out judge.
 * The embedded organism brings its own document back.
 */
export async function startPlainModel(choice: ModelChoice): Promise<void> {
  if (await reloadDocumentModel(choice)) return;
  leaveModel();
  if (choice.source === 'organism') {
    recordInDocument(() => defaultDocument());
    clearHistory();
    await startEmbedded();
    return;
  }
  if (typeof choice.source === 'string') allowTypedSource(choice.source);
  // The read-out judge is fitted while the person goes on; only the first answers come before.
  if (await pausingLive(() => startOther(choice))) await chooseJudge(appStore.getState().document.judge);
}

/**
 * When the choice names the document's own model, loads that model and keeps the document: another weight format or backend,
 * or the file that a link's recorded result was made with.
 */
async function reloadDocumentModel({ source, backend, weights }: ModelChoice): Promise<boolean> {
  const { document, runtime } = appStore.getState();
  const isDocuments = sourceName(source) === document.model.source && (runtime.modelInfo !== null || runtime.recordedOnly);
  if (!isDocuments) return false;
  if (Array.isArray(source)) rememberFiles(document.model.source, source);
  recordInDocument((current) => ({
    ...current,
    model: { ...current.model, backend: backend ?? current.model.backend, weights: weights ?? current.model.weights },
  }));
  const loaded = await loadDocumentModel({ backend, weights });
  if (loaded && !appStore.getState().runtime.recordedOnly) await runAll();
  return true;
}

async function startOther(choice: ModelChoice): Promise<boolean> {
  if (!(await loadModel(choice))) return false;
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
  takeJudge(null);
  await runAll();
  return true;
}
