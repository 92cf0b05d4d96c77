import { JudgeError, MismatchError } from '../core/errors';
import { remembered } from '../core/remembered';
import { checkJudgeRecord } from '../document/judge-record';
import type { JudgeRecord } from '../document/schema';
import { createApiJudge } from '../judges/api';
import { CachedJudge, ScoreCache } from '../judges/cache';
import { readText } from '../formats/text-file';
import { EmbeddedJudge } from '../judges/embedded';
import type { Judge } from '../judges/judge';
import { LocalJudge } from '../judges/local';
import { ProgrammaticJudge } from '../judges/programmatic';
import { fitReadoutJudge } from '../judges/readout';
import { type Agreement, type LabelledAnswer, measureValidity, parseLabelledAnswers, type Validity } from '../judges/validity';
import { WorldJudge } from '../judges/world';
import { appStore, editDocument, recordInDocument, runTask, setRuntime } from './app-store';
import { allowTyped } from './consent';
import { callEngine, theEngine } from './engine-handle';
import { keptReads } from './kept-reads';
import { ownFile } from './own-file';
import { currentJudge, scoreAll, takeJudge } from './scoring';
import { sourceFor } from './source-files';
import type { JudgeState } from './state';
import { embeddedWorld } from './world-file';
import { worldLabels } from './world-labels';

/** Scored rows between two reports of how far a measurement is. */
const PROGRESS_ROWS = 16;

const cache = new ScoreCache();
let ownLabels: LabelledAnswer[] | null = null;

const shippedLabels = remembered(async () => {
  const response = await ownFile('judge/readout-labels.jsonl');
  return parseLabelledAnswers(await response.text(), 'readout-labels.jsonl');
});

/** Labels that a read-out is fitted on and every judge is measured against: the person's, else the embedded world's or the shipped set. */
async function labelsFor(kind: 'shipped' | 'own'): Promise<{ labels: LabelledAnswer[]; name: string }> {
  if (kind === 'own') {
    if (!ownLabels)
      throw new JudgeError(
        'labels: expected a labelled file of your own, got none.',
        'Drop a JSONL file in step 5, or use the shipped set.',
      );
    return { labels: ownLabels, name: 'your own labels' };
  }
  if (appStore.getState().document.model.source === 'organism')
    return { labels: worldLabels((await embeddedWorld()).world, 'seen'), name: "the embedded world's grammar" };
  return { labels: await shippedLabels(), name: 'the shipped labelled answers' };
}

/** Labels that a judge is measured against; the embedded judge was trained on the world's other situations. */
async function labelsToMeasure(judge: Judge): Promise<{ labels: LabelledAnswer[]; name: string }> {
  if (judge.kind === 'embedded' && !ownLabels)
    return {
      labels: worldLabels((await embeddedWorld()).world, 'unseen'),
      name: "the embedded world's grammar, situations new to the judge",
    };
  return labelsFor(ownLabels ? 'own' : 'shipped');
}

/** Takes labelled answers of the person's own. @throws JudgeError naming line and field; FormatError for a text that is not UTF-8. */
export async function importLabels(file: File): Promise<void> {
  ownLabels = parseLabelledAnswers(await readText(file), file.name);
}

function loadedModel() {
  const { modelInfo } = appStore.getState().runtime;
  if (!modelInfo) throw new MismatchError('judge: expected a loaded model, got none.', 'Load one in step 1.');
  return modelInfo;
}

/** The judge that a document's record names. The key stays in the judge's closure. @throws JudgeError, MismatchError, SourceError. */
export async function judgeFrom(
  record: JudgeRecord,
  options: { apiKey?: string; signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {},
): Promise<Judge> {
  return new CachedJudge(await freshJudge(record, options), cache);
}

async function freshJudge(
  record: JudgeRecord,
  { apiKey, signal, onProgress }: NonNullable<Parameters<typeof judgeFrom>[1]>,
): Promise<Judge> {
  const engine = theEngine();
  if (record.kind === 'grammar') return new WorldJudge((await embeddedWorld()).world);
  if (record.kind === 'embedded') return embeddedJudge();
  if (record.kind === 'programmatic') return new ProgrammaticJudge(record.rule);
  if (record.kind === 'api') return createApiJudge({ baseUrl: record.baseUrl, model: record.model, apiKey });
  if (record.kind === 'readout') {
    const { labels, name } = await labelsFor(record.labels);
    return fitReadoutJudge({
      engine,
      model: loadedModel(),
      labels,
      labelsName: name,
      hookPoint: record.hookPoint,
      kept: keptReads,
      signal,
      onProgress: ({ done, total }) => onProgress?.(done, total),
    });
  }
  const { document } = appStore.getState();
  const model =
    record.source === document.model.source ? loadedModel() : await callEngine('load', { source: sourceFor(record.source) }, { signal });
  return new LocalJudge({ engine, model, rubrics: record.rubric ? { custom: record.rubric } : undefined });
}

async function embeddedJudge(): Promise<Judge> {
  const { source } = appStore.getState().document.model;
  if (source !== 'organism')
    throw new MismatchError(
      `embedded judge: expected the embedded organism, got ${source || 'no model'}.`,
      'Load the organism in step 1, or choose another judge.',
    );
  const { embeddedReadout } = await import('./embedded-readout');
  const { readout, sha256 } = await embeddedReadout();
  return new EmbeddedJudge(theEngine(), loadedModel(), readout, sha256);
}

/** What the judge in use was made from. */
let chosen: { record: string; modelId: string | undefined } | null = null;

/** Whether the judge in use is the one that a record names, made for the model that is loaded. */
export function judgeFits(record: JudgeRecord): boolean {
  return chosen !== null && chosen.record === JSON.stringify(record) && chosen.modelId === appStore.getState().runtime.modelInfo?.modelId;
}

/** The choice under way: a newer one ends it, for a read-out may take minutes to fit. */
let choosing: AbortController | null = null;

/** Takes a judge into use and scores what is on screen. @returns false when it could not be made, or another was chosen meanwhile. */
export async function chooseJudge(record: JudgeRecord, secret?: { apiKey: string }): Promise<boolean> {
  choosing?.abort();
  const abort = new AbortController();
  choosing = abort;
  setRuntime({ judge: { name: '', agreement: null, status: 'fitting' } });
  const judge = await runTask(
    'Judge',
    'rows',
    ({ signal, progress }) => judgeFrom(record, { apiKey: secret?.apiKey, signal, onProgress: progress }),
    { abort },
  );
  if (choosing !== abort) return false;
  chosen = judge ? { record: JSON.stringify(record), modelId: appStore.getState().runtime.modelInfo?.modelId } : null;
  takeJudge(judge ?? null);
  setRuntime({ judge: judge ? stateOf(judge) : { name: '', agreement: null, status: 'failed' } });
  if (judge) scoreAll();
  // Quick, and their labels are at hand: their agreement need not be asked for.
  if (judge?.kind === 'embedded') await measureJudge(judge);
  else if (judge?.kind === 'world') void measureJudge(judge);
  return judge !== undefined;
}

function stateOf(judge: Judge, validity: Validity | null = judge.validity): JudgeState {
  return { name: judge.name, agreement: validity && agreementRows(validity), status: 'ready', measurable: isMeasurable(judge) };
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

/** Chooses a judge for the document. @throws ArgumentError for a record that is none. */
export async function setJudge(choice: JudgeRecord, secret?: { apiKey: string }): Promise<void> {
  const record = checkJudgeRecord(choice);
  // Who types a host's address and confirms it has agreed to it.
  if (record.kind === 'api') allowTyped(record.baseUrl, true);
  if (record.kind === 'chat') allowTyped(record.source);
  editDocument((document) => ({ ...document, judge: record }));
  await chooseJudge(record, secret);
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

/** Puts the model's default judge in the document when the present one cannot judge it. */
export function settleJudge(source: string): void {
  const { judge } = appStore.getState().document;
  if ((judge.kind === 'grammar' || judge.kind === 'embedded') && source !== 'organism')
    recordInDocument((document) => ({ ...document, judge: defaultJudge(source) }));
}
