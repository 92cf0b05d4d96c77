import { encodeLink } from '../document/link';
import type { MeanInterval, RecordedAnswer, RecordedRecord, SweepPointRecord, VaneDocument } from '../document/schema';
import { ENGINE_VERSION } from '../engine/api';
import { flushAnswers } from './answers';
import { appStore, setRuntime } from './app-store';
import type { AnswerState, Estimate, SweepPoint } from './state';

/** The document with what is on screen as its recorded result. */
export function documentWithRecord(): VaneDocument {
  flushAnswers();
  const { document, runtime } = appStore.getState();
  const answers = Object.values(runtime.answers).filter((answer) => answer.status === 'done' && !answer.stale);
  const { modelInfo } = runtime;
  if (!modelInfo || answers.length === 0) return document;
  const tokenTexts: Record<string, string> = {};
  for (const { ids, tokens } of answers) {
    for (const [index, id] of ids.entries()) tokenTexts[id] ??= tokens[index] ?? '';
  }
  const lean = Object.entries(runtime.summaries).flatMap(([id, summary]) => {
    const interval = summary.lean && toMeanInterval(summary.lean);
    return interval ? [[id, interval] as const] : [];
  });
  const sweep = runtime.sweeps[sweptIntervention(document) ?? '']?.map(toSweepRecord);
  const recorded: RecordedRecord = {
    createdAt: new Date().toISOString(),
    engineVersion: ENGINE_VERSION,
    backend: modelInfo.backend,
    weights: modelInfo.weights,
    judgeName: runtime.judge.name,
    answers: answers.map(toRecordedAnswer),
    tokenTexts,
    lean: Object.fromEntries(lean),
    ...(sweep ? { sweep } : {}),
  };
  return { ...document, recorded };
}

/** The first intervention that steers is the one whose sweep a document records. */
export function sweptIntervention(document: VaneDocument): string | undefined {
  return document.interventions.find(({ operation }) => operation === 'steer')?.id;
}

function toSweepRecord({ coefficient, alignment, coherence, em }: SweepPoint): SweepPointRecord {
  return { coefficient, alignment: toMeanInterval(alignment), coherence: toMeanInterval(coherence), em: { k: em.k, n: em.n } };
}

function toMeanInterval({ mean, low, high, n }: Estimate): MeanInterval | null {
  return mean === null || low === null || high === null ? null : { mean, low, high, n };
}

/** One answer on screen as a document records it. */
export function toRecordedAnswer({ conditionId, questionId, sample, ids, tokens, scores, stopReason }: AnswerState): RecordedAnswer {
  const { alignment = null, coherence = null, domain = null, custom = null } = scores ?? {};
  return {
    conditionId,
    questionId,
    sample,
    ids,
    text: tokens.join(''),
    scores: { alignment, coherence, domain, custom },
    stopReason: stopReason ?? 'stop',
  };
}

/** Measures the link's size after a change, for the Share button. */
export async function measureLink(): Promise<void> {
  const { bytes, fits } = await encodeLink(documentWithRecord());
  setRuntime({ linkBytes: bytes, linkFits: fits });
}
