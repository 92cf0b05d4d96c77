import { LIMITS } from '../core/limits';
import { toDirection } from '../document/direction-record';
import { DOCUMENT_FILE_ENDING, readDocumentFile, writeDocumentFile } from '../document/document-file';
import { decodeLink, encodeLink } from '../document/link';
import { unpackScatter } from '../document/recorded-readings';
import type { RecordedAnswer, VaneDocument } from '../document/schema';
import type { ModelInfo } from '../engine/api';
import { readText } from '../formats/text-file';
import { clearAnswers, placeRecorded, restoreAnswers } from './answers';
import { appStore, clearHistory, isAbort, notify, recordInDocument, setRuntime, setSession } from './app-store';
import { answerConsent, consentToHosts } from './consent';
import { refreshCosines } from './direction-actions';
import { chooseJudge, judgeFits, restJudge } from './judge-actions';
import { takeRecordedLean } from './lean';
import { pausingLive } from './live';
import { loadsEnded, presentEra } from './loads';
import { endTasks, loadModel, type ModelChoice, releaseModel } from './model-actions';
import { recordedControls } from './recorded-controls';
import { recordedRate } from './recorded-estimate';
import { documentWithRecord, sweptIntervention, tintRecorded } from './recorded-result';
import { settleRecordedScores } from './recorded-scores';
import { runAll } from './run-actions';
import { saveBlob } from './save-blob';
import { scoreAll } from './scoring';
import { sourceFor } from './source-files';
import { readingsSetting, sweepSignature } from './staleness';
import type { AnswerState, RuntimeState, SweepPoint } from './state';
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
export function makeReady(signal?: AbortSignal, asRecorded = false): Promise<boolean> {
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

/** Goes on from a recorded result: its model is loaded, and its answers stand until newer ones take their place. */
export async function keepAsMyOwn(): Promise<void> {
  if (await leaveRecording()) setRuntime({ recompute: null });
}
