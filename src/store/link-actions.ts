import { LIMITS } from '../core/limits';
import { toDirection } from '../document/direction-record';
import { DOCUMENT_FILE_ENDING, readDocumentFile, writeDocumentFile } from '../document/document-file';
import { decodeLink, encodeLink } from '../document/link';
import { unpackScatter } from '../document/recorded-readings';
import { compareRecorded, SCORE_TOLERANCE } from '../document/reproduction';
import type { RecordedAnswer, VaneDocument } from '../document/schema';
import type { ModelInfo } from '../engine/api';
import { readText } from '../formats/text-file';
import { answerKey, clearAnswers, flushAnswers, isMadeAsRecorded, placeRecorded, restoreAnswers } from './answers';
import { appStore, clearHistory, isAbort, notify, recordInDocument, runTask, setRuntime, setSession } from './app-store';
import { comparableAnswers } from './comparable-answers';
import { answerConsent, consentToHosts } from './consent';
import { refreshCosines } from './direction-actions';
import { chooseJudge, judgeFits, restJudge } from './judge-actions';
import { takeRecordedLean } from './lean';
import { pausingLive } from './live';
import { loadsEnded, presentEra } from './loads';
import { showMap } from './map-actions';
import { endTasks, loadModel, type ModelChoice, releaseModel } from './model-actions';
import { recomputeReport } from './recompute-report';
import { recordedControls } from './recorded-controls';
import { recordedRate } from './recorded-estimate';
import { documentWithRecord, sweptIntervention, tintRecorded, toRecordedAnswer } from './recorded-result';
import { isOfRecording, settleRecordedScores } from './recorded-scores';
import { runAll, runConditions } from './run-actions';
import { saveBlob } from './save-blob';
import { scoreAll } from './scoring';
import { sourceFor } from './source-files';
import { ranBy, readingsSetting, recomputeSignature, sweepSignature } from './staleness';
import type { AnswerState, RecomputeReport, RuntimeState, SweepPoint } from './state';
import { NO_ESTIMATE } from './summaries';

/** The address that carries the whole experiment; when it is too long, a file is saved instead and the page's address is returned. */
export async function share(): Promise<string> {
  const document = documentWithRecord();
  const encoded = await encodeLink(document);
  setRuntime({ linkBytes: encoded.bytes, linkFits: encoded.fits });
  const page = `${location.origin}${location.pathname}${location.search}`;
  if (!encoded.fits) {
    saveBlob(
      new Blob([writeDocumentFile(document)], { type: 'application/json' }),
      `${document.title || 'experiment'}${DOCUMENT_FILE_ENDING}`,
    );
    notify(
      'info',
      `The link would be ${encoded.bytes} characters long, more than addresses hold. The experiment was saved as a file; drop it on the page to open it.`,
    );
    return page;
  }
  // The address changes without a load, so that the tab itself can be bookmarked.
  history.replaceState(null, '', encoded.fragment);
  return page + encoded.fragment;
}

/** Opens a link's or an address's fragment: the recorded result stands at once, nothing is fetched. */
export async function openLink(link: string): Promise<void> {
  const fragment = link.includes('#') ? link.slice(link.indexOf('#')) : link;
  await showDocument(await decodeLink(fragment));
}

/** Opens a document file. */
export async function openDocumentFile(file: File): Promise<void> {
  await showDocument(readDocumentFile(await readText(file, LIMITS.documentBytes), file.name));
}

/**
 * Puts a document on screen with its recorded answers. What ran before ends; a loaded model that is not the document's is freed, so
 * that nothing runs on it in the document's name. A document without a record is run as soon as its hosts are agreed to.
 */
export async function showDocument(document: VaneDocument): Promise<void> {
  endTasks();
  answerConsent(false);
  await pausingLive(async () => place(document));
  if (document.recorded) return;
  void leaveRecording()
    .then((ready) => (ready ? runAll() : undefined))
    .catch((error: unknown) => notify('error', error instanceof Error ? error.message : String(error)));
}

function place(document: VaneDocument): void {
  clearAnswers();
  // Before the document changes: nothing may run for it yet.
  setRuntime({ recordedOnly: true });
  takeRecordedLean(document);
  recordInDocument(() => document);
  clearHistory();
  if (!loadedFits(document)) releaseModel();
  const { recorded } = document;
  placeRecorded(recordedAnswers(document));
  setRuntime({
    directions: document.directions.map(toDirection),
    recompute: null,
    profile: (recorded?.profile ?? []).map((point) => ({ ...point, auc: point.auc ?? NO_ESTIMATE })),
    scatter: recorded?.scatter ? unpackScatter(recorded.scatter).map((dot) => ({ ...dot, label: '' })) : [],
    readingsMadeUnder: recorded ? readingsSetting(document) : null,
    ...recordedSweep(document),
    controls: recordedControls(document),
    controlSweeps: {},
    contrastReport: null,
    readLeftOut: [],
    recordedJudge: recorded && document.judge,
  });
  setSession({
    activeDirectionId: recorded?.projections?.directionId ?? null,
    activeInterventionId: sweptIntervention(document) ?? null,
    pinnedToken: null,
  });
  tintRecorded();
  refreshCosines();
  restJudge();
}

function recordedAnswers({ recorded }: VaneDocument): AnswerState[] {
  return (recorded?.answers ?? []).map((answer) => ({
    conditionId: answer.conditionId,
    questionId: answer.questionId,
    sample: answer.sample,
    status: 'recorded',
    ids: answer.ids,
    tokens: recordedTokens(answer, recorded?.tokenTexts),
    projections: [],
    stopReason: answer.stopReason,
    scores: { ...answer.scores, verdict: null },
    stale: false,
    staleFrom: null,
  }));
}

/** Recorded answers whose question or condition has come back, as with undo, stand again: without a model nothing could give them anew. */
export function restoreRecorded(): void {
  const { document, runtime } = appStore.getState();
  if (!runtime.recordedOnly) return;
  restoreAnswers(recordedAnswers(document));
  tintRecorded();
  settleRecordedScores();
  scoreAll();
}

/** A recorded sweep as the slider's track. */
function recordedSweep(document: VaneDocument): Pick<RuntimeState, 'sweeps' | 'sweepsMadeUnder'> {
  const id = sweptIntervention(document);
  const points = document.recorded?.sweep;
  if (!id || !points) return { sweeps: {}, sweepsMadeUnder: {} };
  const sweep = points.map(
    ({ coefficient, alignment, coherence, custom, em }): SweepPoint => ({
      coefficient,
      alignment: alignment ?? NO_ESTIMATE,
      coherence: coherence ?? NO_ESTIMATE,
      custom: custom ?? NO_ESTIMATE,
      em: recordedRate(em),
    }),
  );
  return { sweeps: { [id]: sweep }, sweepsMadeUnder: { [id]: sweepSignature(document, id) } };
}

function recordedTokens(answer: RecordedAnswer, texts: Readonly<Record<string, string>> | undefined): string[] {
  const tokens = answer.ids.map((id) => texts?.[id] ?? '');
  return tokens.join('') === answer.text ? tokens : [answer.text];
}

/** True when what is loaded is what the document's record was made with: same weights, backend, format and adapters. */
function loadedFits(document: VaneDocument): boolean {
  const info = appStore.getState().runtime.modelInfo;
  if (!info || (document.model.sha256 && info.sha256 !== document.model.sha256)) return false;
  const { recorded } = document;
  if (recorded && (recorded.backend !== info.backend || recorded.weights !== info.weights)) return false;
  return document.model.adapters.every(({ name, sha256 }) =>
    info.adapters.some((adapter) => adapter.name === name && (!sha256 || adapter.sha256 === sha256)),
  );
}

/** Loads what the document names, after consent to foreign hosts, so that it can be run here. @returns false when it was declined or failed. */
export async function loadDocumentModel(choice: Pick<ModelChoice, 'backend' | 'weights' | 'signal'> = {}): Promise<boolean> {
  const era = presentEra();
  const { document } = appStore.getState();
  if (!(await consentToHosts(document, choice.signal))) return false;
  const { model } = document;
  // Once a recorded result is left, what the person chose since counts.
  const recorded = appStore.getState().runtime.recordedOnly ? document.recorded : null;
  const loaded = await loadModel({
    source: sourceFor(model.source),
    backend: choice.backend ?? recorded?.backend ?? model.backend,
    weights: choice.weights ?? recorded?.weights ?? model.weights,
    sameModel: true,
    signal: choice.signal,
  });
  if (!loaded) return false;
  const { modelInfo } = appStore.getState().runtime;
  if (modelInfo) compareHashes(model, modelInfo);
  // The judge of now: another may have been chosen while the model loaded.
  await chooseJudge();
  return era === presentEra();
}

/** Says which of the loaded files are others than those that the document was made with. */
function compareHashes(model: VaneDocument['model'], loaded: ModelInfo): void {
  const adapters = model.adapters.map(({ name, sha256 }) => ({
    what: `adapter "${name}"`,
    expected: sha256,
    got: loaded.adapters.find((adapter) => adapter.name === name)?.sha256,
  }));
  for (const { what, expected, got } of [{ what: 'model', expected: model.sha256, got: loaded.sha256 }, ...adapters]) {
    if (!expected || expected === got) continue;
    notify(
      'error',
      `${what}: expected SHA-256 ${expected.slice(0, 12)}, got ${got?.slice(0, 12) ?? 'none'}. The recorded answers came from other weights; differences are to be expected.`,
    );
  }
}

/** What is being made ready, for which model of which document. */
interface Preparation {
  era: number;
  source: string;
  done: Promise<boolean>;
}

let preparation: Preparation | null = null;

/**
 * Has the document's own model and judge at hand, loading and making what is not. Whoever wants the same meanwhile takes part in it.
 * `asRecorded` loads with the recording's backend and weights, whatever was chosen since.
 * @returns false when that was declined, cancelled or failed.
 */
function makeReady(signal?: AbortSignal, asRecorded = false): Promise<boolean> {
  const { source } = appStore.getState().document.model;
  const era = presentEra();
  if (preparation?.era === era && preparation.source === source) return preparation.done;
  const done = prepare(signal, asRecorded).finally(() => {
    if (preparation === own) preparation = null;
  });
  const own: Preparation = { era, source, done };
  preparation = own;
  return done;
}

async function prepare(signal: AbortSignal | undefined, asRecorded: boolean): Promise<boolean> {
  await loadsEnded();
  const { document } = appStore.getState();
  try {
    const { backend, weights } = (asRecorded && document.recorded) || {};
    if (!loadedFits(document)) return await loadDocumentModel({ signal, backend, weights });
    if (judgeFits(document.judge)) return true;
    return (await consentToHosts(document, signal)) && (await chooseJudge());
  } catch (error) {
    // Several may wait for this, and it was cancelled for one of them.
    if (isAbort(error)) return false;
    throw error;
  }
}

/**
 * Before anything new is asked of a recorded result, its model and judge are there; a load that is under way is waited for.
 * @returns false when that was declined or failed, or another model or document came meanwhile.
 */
export async function leaveRecording(): Promise<boolean> {
  const era = presentEra();
  const waited = await loadsEnded();
  if (era !== presentEra()) return false;
  const { modelInfo, modelStatus, recordedOnly } = appStore.getState().runtime;
  if (modelInfo && !recordedOnly) return true;
  // The load that was waited for has said itself what became of it.
  if (waited && modelStatus === 'failed') return false;
  const ready = await pausingLive(() => makeReady());
  if (!ready || era !== presentEra()) return false;
  setRuntime({ recordedOnly: false });
  return true;
}

/**
 * Runs the recorded experiment here and says token by token and score by score whether it reproduced. Answers whose place or setting is
 * another now are left out and named; where that is all of them nothing is run.
 */
export async function recompute(): Promise<RecomputeReport> {
  const { document } = appStore.getState();
  const { recorded } = document;
  const nothing = { madeUnder: '', answers: 0, matched: 0, scoresMatched: 0, scores: 0, differences: [] };
  if (!recorded) return nothing;
  const comparable = comparableAnswers(document, recorded.answers);
  if (comparable.length === 0) return nothing;
  const report = await runTask('Recompute', 'answers', async ({ signal }) => {
    let madeUnder = '';
    await pausingLive(async () => {
      if (!(await makeReady(signal, true))) throw new DOMException('not loaded', 'AbortError');
      const { document: present, runtime } = appStore.getState();
      madeUnder = recomputeSignature(present, ranBy({ document: present, runtime: { ...runtime, recordedOnly: false } }));
      await runConditions({ signal, questionIds: new Set(comparable.map(({ questionId }) => questionId)) });
    });
    flushAnswers();
    // What a person changed meanwhile gave other answers.
    const compared = comparable.filter((answer) => isMadeAsRecorded(answerKey(answer)));
    if (compared.length < comparable.length)
      notify(
        'info',
        `Recompute: ${comparable.length - compared.length} recorded answers are not compared: their setting was changed meanwhile. Undo that and recompute again.`,
      );
    const fresh = Object.values(appStore.getState().runtime.answers).filter(({ status }) => status === 'done');
    const sameJudge = isOfRecording(appStore.getState());
    if (!sameJudge)
      notify(
        'info',
        `Recompute: another judge is chosen than ${recorded.judgeName}, which gave the recorded scores. They are not compared.`,
      );
    const result = recomputeReport(
      compareRecorded({ answers: compared }, { answers: fresh.map(toRecordedAnswer) }, sameJudge ? SCORE_TOLERANCE : null),
      madeUnder,
    );
    setRuntime({ recompute: compared.length > 0 ? result : null, recordedOnly: false });
    return result;
  });
  const [, second] = document.conditions;
  const [question] = document.questions.items;
  // Links leave the map out; now that a model is here it can be read.
  if (report && second && question) void showMap(second.id, question.id, 0);
  return report ?? { ...nothing, answers: comparable.length };
}

/** Goes on from a recorded result: its model is loaded, and its answers stand until newer ones take their place. */
export async function keepAsMyOwn(): Promise<void> {
  if (await leaveRecording()) setRuntime({ recompute: null });
}
