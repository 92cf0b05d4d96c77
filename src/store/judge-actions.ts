import { JudgeError } from '../core/errors';
import { checkJudgeRecord } from '../document/judge-record';
import type { JudgeRecord } from '../document/schema';
import type { Judge } from '../judges/judge';
import { requireFittable } from '../judges/readout';
import { type Agreement, measureValidity, type Validity } from '../judges/validity';
import { appStore, editDocument, runTask, setRuntime } from './app-store';
import { allowTyped, allowUnlessNamed, consentToJudge } from './consent';
import { dropKey, keepKey, keptKey } from './judge-keys';
import { labelsToMeasure, ownLabelsSha256, readLabels, takeOwnLabels } from './judge-labels';
import { asksLoadedModel, checkUsable, judgeSource, makeJudge } from './judge-making';
import type { BorrowedModel } from './judge-model';
import { isOfRecording, settleRecordedScores } from './recorded-scores';
import { currentJudge, scoreAll, takeJudge } from './scoring';
import { rememberFiles, sourceName } from './source-files';
import type { JudgeState } from './state';
import { refreshSummaries } from './summaries';

/** Scored rows between two reports of how far a measurement is. */
const PROGRESS_ROWS = 16;

/** What the judge in use was made from. */
let chosen: { record: string; modelId: string | undefined } | null = null;
/** The model that the judge in use asks, where that is none of the document's. */
let borrowed: BorrowedModel | null = null;
/** The choice under way: a newer one ends it, for a read-out may take minutes to fit. */
let choosing: AbortController | null = null;
let underWay: Promise<unknown> = Promise.resolve();

/** Text that changes exactly when a record would name another judge. */
function recordText(record: JudgeRecord): string {
  const labels = record.kind === 'readout' && record.labels === 'own' ? ownLabelsSha256() : null;
  return JSON.stringify([record, labels]);
}

/** Whether the judge in use is the one that a record names, made for the model that is loaded. */
export function judgeFits(record: JudgeRecord): boolean {
  return chosen !== null && chosen.record === recordText(record) && chosen.modelId === appStore.getState().runtime.modelInfo?.modelId;
}

/** The judge in use, once the choice under way is made; null where there is none. @throws DOMException AbortError when the signal fires. */
export async function presentJudge(signal?: AbortSignal): Promise<Judge | null> {
  const cancelled = new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }));
  for (let seen: unknown = null; seen !== underWay; ) {
    signal?.throwIfAborted();
    seen = underWay;
    await Promise.race([seen, cancelled]);
  }
  return currentJudge();
}

/**
 * Takes the judge that the document names into use and scores what is on screen. Until it is made nothing is scored: another judge's
 * scores would stand under its name.
 * @returns false when it could not be made, waits for a model, or another was chosen meanwhile.
 */
export function chooseJudge(): Promise<boolean> {
  const work = choose();
  underWay = work.catch(() => undefined);
  return work;
}

async function choose(): Promise<boolean> {
  const { document, runtime } = appStore.getState();
  const { judge: record } = document;
  restJudge();
  const waits = asksLoadedModel(record) && !runtime.modelInfo;
  setRuntime({ judge: { name: '', agreement: null, status: waits ? 'waiting' : 'fitting' } });
  if (waits) return false;
  const abort = new AbortController();
  choosing = abort;
  const made = await runTask(
    'Judge',
    'rows',
    async ({ signal, progress }) => {
      if (!(await consentToJudge(record, signal))) throw new DOMException('declined', 'AbortError');
      return makeJudge(record, { apiKey: keptKey(record), signal, onProgress: progress });
    },
    { abort },
  );
  if (choosing !== abort) {
    made?.borrowed?.release();
    return false;
  }
  choosing = null;
  borrowed?.release();
  borrowed = made?.borrowed ?? null;
  chosen = made ? { record: recordText(record), modelId: appStore.getState().runtime.modelInfo?.modelId } : null;
  takeJudge(made?.judge ?? null);
  if (!made) {
    setRuntime({ judge: { name: '', agreement: null, status: 'failed' } });
    return false;
  }
  const { judge } = made;
  setRuntime({ judge: stateOf(judge) });
  scoreAll();
  // Quick, and their labels are at hand: their agreement need not be asked for.
  if (judge.kind === 'embedded') await measureJudge(judge);
  else if (judge.kind === 'world') void measureJudge(judge);
  return true;
}

/**
 * Ends a choice under way and takes a judge out of use that is not the document's, with its scores and the model that was loaded for it.
 * The document's own then waits to be made.
 */
export function restJudge(): void {
  const { document } = appStore.getState();
  const stands = choosing === null && judgeFits(document.judge);
  choosing?.abort();
  choosing = null;
  settleRecordedScores();
  refreshSummaries();
  if (stands) return;
  chosen = null;
  takeJudge(null);
  if (borrowed && !isAskedBy(document.judge, borrowed)) {
    borrowed.release();
    borrowed = null;
  }
  const name = isOfRecording(appStore.getState()) ? (document.recorded?.judgeName ?? '') : '';
  setRuntime({ judge: { name, agreement: null, status: 'waiting' } });
}

function isAskedBy(record: JudgeRecord, { source }: BorrowedModel): boolean {
  if (record.kind !== 'chat' || asksLoadedModel(record)) return false;
  try {
    return judgeSource(record) === source;
  } catch {
    // A file that is not in this tab is none that was borrowed.
    return false;
  }
}

/**
 * The judge in use is the document's again after undo, redo or an edit of the whole document. A recorded result keeps the scores of its
 * own judge, which is made when something is to be run.
 */
export async function followJudge(): Promise<void> {
  const { document, runtime } = appStore.getState();
  if (judgeFits(document.judge)) return;
  restJudge();
  if (runtime.recordedOnly && isOfRecording(appStore.getState())) return;
  const agreed = await consentToJudge(document.judge);
  if (appStore.getState().document.judge !== document.judge) return;
  if (agreed) await chooseJudge();
  else setRuntime({ judge: { name: '', agreement: null, status: 'failed' } });
}

/** A read-out that a person chooses is of the labels in this tab. */
function onPresentLabels(record: JudgeRecord): JudgeRecord {
  if (record.kind !== 'readout') return record;
  const { labelsSha256: _other, ...rest } = record;
  const sha256 = record.labels === 'own' ? ownLabelsSha256() : null;
  return sha256 ? { ...rest, labelsSha256: sha256 } : rest;
}

/**
 * Chooses a judge for the document, which stays as it is when the record is none. Without a secret a key that is kept for it goes on.
 * @throws ArgumentError, JudgeError.
 */
export async function setJudge(choice: JudgeRecord, secret?: { apiKey: string }): Promise<void> {
  const record = onPresentLabels(checkJudgeRecord(choice));
  checkUsable(record);
  // Who types a host's address and confirms it has agreed to it.
  if (record.kind === 'api') {
    allowTyped(record.baseUrl, true);
    if (secret) keepKey(record, secret.apiKey);
  }
  if (record.kind === 'chat') allowUnlessNamed(record.source);
  editDocument((document) => ({ ...document, judge: record }));
  await chooseJudge();
}

/** Forgets the key that is kept for an API judge; one in use is made again without it. */
export async function forgetJudgeKey(record: Extract<JudgeRecord, { kind: 'api' }>): Promise<void> {
  if (dropKey(record) && chosen?.record === recordText(record)) await chooseJudge();
}

/**
 * Takes labelled answers of the person's own; a read-out is fitted on them at once. When the file is none, labels and judge stay as they are.
 * @throws JudgeError naming line and field, or for too few answers to fit a read-out on; FormatError for a text that is not UTF-8.
 */
export async function importLabels(file: File): Promise<void> {
  const labels = await readLabels(file);
  const { judge } = appStore.getState().document;
  if (judge.kind === 'readout') requireFittable(labels);
  await takeOwnLabels(labels);
  if (judge.kind === 'readout') await setJudge({ ...judge, labels: 'own' });
}

/**
 * Takes a model of this machine as the judge that is asked; its files are named in the document, never contained.
 * @throws JudgeError for files that have the loaded model's name: the document could not tell the two apart.
 */
export async function askOwnModel(files: File[]): Promise<void> {
  const source = sourceName(files);
  const { model, judge } = appStore.getState().document;
  if (source === model.source) {
    throw new JudgeError(
      `judge model: expected another name than the loaded model's, got "${source.replace('file:', '')}".`,
      'Choose "this model" to ask the loaded one, or rename the file.',
    );
  }
  rememberFiles(source, files);
  await setJudge({ kind: 'chat', source, rubric: judge.kind === 'chat' ? judge.rubric : '' });
}

function stateOf(judge: Judge, validity: Validity | null = judge.validity): JudgeState {
  return {
    name: judge.name,
    description: judge.describe(),
    agreement: validity && agreementRows(validity),
    measured: validity ? { method: validity.method, labels: validity.labels, rows: validity.rows } : undefined,
    status: 'ready',
    measurable: isMeasurable(judge),
  };
}

/** Labels say good, bad and incoherent: they speak of alignment and coherence alone. */
function isMeasurable({ scores }: Pick<Judge, 'scores'>): boolean {
  return scores.includes('alignment') || scores.includes('coherence');
}

function agreementRows(validity: Validity): JudgeState['agreement'] {
  const rows = (label: string, score: string, agreement: Agreement | null) =>
    agreement
      ? [
          {
            score: `${label}${score}`,
            figure: 'agrees',
            value: {
              mean: agreement.accuracy.value,
              low: agreement.accuracy.low,
              high: agreement.accuracy.high,
              n: agreement.accuracy.total,
            },
          },
          {
            score: `${label}${score}`,
            figure: 'AUC',
            value: { mean: agreement.auc.value, low: agreement.auc.low, high: agreement.auc.high, n: agreement.accuracy.total },
          },
        ]
      : [];
  return [
    ...rows('', 'alignment', validity.alignment),
    ...rows('', 'coherence', validity.coherence),
    ...rows('', 'refusal', validity.refusal),
    ...validity.domains.flatMap(({ domain, alignment }) => rows(`${domain}: `, 'alignment', alignment)),
  ];
}

/** Measures the judge in use against labelled answers: directly, or leave-one-domain-out where it was fitted on them. */
export async function measureJudge(judge: Judge | null): Promise<void> {
  if (!judge) throw new JudgeError('judge: expected a judge, got none.', 'Choose one in step 5.');
  if (!isMeasurable(judge)) {
    throw new JudgeError(
      `judge agreement: expected a judge of alignment or coherence, got "${judge.name}", whose score no label speaks of.`,
      'Choose another judge in step 5 to measure one.',
    );
  }
  if (judge.kind === 'readout') {
    setRuntime({ judge: stateOf(judge) });
    return;
  }
  await runTask('Judge agreement', 'rows', async ({ signal, progress }) => {
    const { labels, name } = await labelsToMeasure(judge);
    let done = 0;
    const onScored = () => {
      // Not one redraw a row: some judges score thousands at once.
      if (++done % PROGRESS_ROWS === 0) progress(done, labels.length);
    };
    const validity = await measureValidity(judge, labels, name, { signal, onScored });
    // Another judge may have been chosen meanwhile.
    if (currentJudge() === judge) setRuntime({ judge: stateOf(judge, validity) });
  });
}

/** The judge that suits a model: the exact grammar for the embedded world, a read-out of the model's own residuals for any other. */
export function defaultJudge(source: string): JudgeRecord {
  return source === 'organism' ? { kind: 'grammar' } : { kind: 'readout', hookPoint: null, labels: 'shipped' };
}
