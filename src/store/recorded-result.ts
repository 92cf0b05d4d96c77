import { encodeLink } from '../document/link';
import { packProjections, packScatter, rounded, unpackProjections } from '../document/recorded-readings';
import type { RecordedAnswer, RecordedRecord, SweepPointRecord, VaneDocument } from '../document/schema';
import { ENGINE_VERSION } from '../engine/api';
import { answerKey, flushAnswers } from './answers';
import { appStore, setRuntime } from './app-store';
import { shownDirection } from './generation';
import { toRecordedControls } from './recorded-controls';
import { toMeanInterval } from './recorded-estimate';
import { isOfRecording } from './recorded-scores';
import { isProfileStale, isScatterStale, isSweepStale } from './staleness';
import type { AnswerState, AppState, ProfilePoint, SweepPoint } from './state';

/** The answers on screen that a record can hold: whole ones, of the present settings, where it is known what they were made with. */
export function recordableAnswers({ document, runtime }: Pick<AppState, 'document' | 'runtime'>): AnswerState[] {
  const answers = Object.values(runtime.answers).filter(
    ({ status, stopReason, stale }) => status !== 'streaming' && stopReason !== 'abort' && !stale,
  );
  const origin = answers.some(({ status }) => status === 'done') ? runtime.modelInfo : document.recorded;
  return origin ? answers : [];
}

/**
 * The document with what is on screen as its recorded result, as far as it is of the present settings. Where nothing has run here, that
 * is the record that the document came with, less what its settings no longer say.
 */
export function documentWithRecord(): VaneDocument {
  flushAnswers();
  const state = appStore.getState();
  const { document, runtime } = state;
  const answers = recordableAnswers(state);
  const made = answers.some(({ status }) => status === 'done') ? madeHere() : document.recorded;
  if (!made || answers.length === 0) return { ...document, recorded: null };
  if (made === document.recorded && isOfRecording(state) && answers.length === document.recorded.answers.length)
    return { ...document, recorded: withoutStale(document.recorded) };
  const tokenTexts: Record<string, string> = {};
  for (const { ids, tokens } of answers) {
    // A recorded answer without token texts stands as one text.
    if (ids.length === tokens.length) for (const [index, id] of ids.entries()) tokenTexts[id] ??= tokens[index] ?? '';
  }
  const lean = Object.entries(runtime.summaries).flatMap(([id, summary]) => {
    const interval = summary.lean && !summary.leanStale && toMeanInterval(summary.lean);
    // Without an answer of the present setting a lean may be of an earlier one too.
    return interval && answers.some(({ conditionId }) => conditionId === id) ? [[id, interval] as const] : [];
  });
  const controls = toRecordedControls(state);
  const sweptId = sweptIntervention(document) ?? '';
  const sweep = isSweepStale(state, sweptId) ? undefined : runtime.sweeps[sweptId]?.map(toSweepRecord);
  const { createdAt, engineVersion, backend, weights } = made;
  const recorded: RecordedRecord = {
    createdAt,
    engineVersion,
    backend,
    weights,
    judgeName: made === document.recorded && isOfRecording(state) ? document.recorded.judgeName : runtime.judge.name,
    answers: answers.map(toRecordedAnswer),
    tokenTexts,
    lean: Object.fromEntries(lean),
    ...(sweep ? { sweep } : {}),
    ...(controls ? { controls } : {}),
    ...recordedReadings(answers),
  };
  return { ...document, recorded };
}

/** A record as it was opened, less the figures that the document's settings no longer say. */
function withoutStale({ sweep, controls, profile, scatter, ...record }: RecordedRecord): RecordedRecord {
  const state = appStore.getState();
  const standing = controls && toRecordedControls(state);
  return {
    ...record,
    ...(sweep && !isSweepStale(state, sweptIntervention(state.document) ?? '') ? { sweep } : {}),
    ...(standing ? { controls: standing } : {}),
    ...(profile && !isProfileStale(state) ? { profile } : {}),
    ...(scatter && !isScatterStale(state) ? { scatter } : {}),
  };
}

type Origin = Pick<RecordedRecord, 'createdAt' | 'engineVersion' | 'backend' | 'weights'>;

/** Where answers of this tab come from. */
function madeHere(): Origin | null {
  const { modelInfo } = appStore.getState().runtime;
  if (!modelInfo) return null;
  const { backend, weights } = modelInfo;
  return { createdAt: new Date().toISOString(), engineVersion: ENGINE_VERSION, backend, weights };
}

/** What was read beside the answers, as far as it is there and of the present setting: the tint, the layer profile and the activations. */
function recordedReadings(answers: readonly AnswerState[]): Pick<RecordedRecord, 'projections' | 'profile' | 'scatter'> {
  const state = appStore.getState();
  const { session, runtime } = state;
  const direction = shownDirection(runtime.directions, session.activeDirectionId);
  const projections = answers.map((answer) => answer.projections);
  const isTinted = projections.some((values) => values.some(Number.isFinite));
  const scatter = runtime.scatter.length > 0 && !isScatterStale(state) ? packScatter(runtime.scatter) : null;
  return {
    ...(direction && isTinted ? { projections: { directionId: direction.id, letters: packProjections(answers, projections) } } : {}),
    ...(runtime.profile.length > 0 && !isProfileStale(state) ? { profile: runtime.profile.map(toProfileRecord) } : {}),
    ...(scatter ? { scatter } : {}),
  };
}

function toProfileRecord({ hookPoint, block, relativeNorm, auc }: ProfilePoint): NonNullable<RecordedRecord['profile']>[number] {
  return { hookPoint, block, relativeNorm: rounded(relativeNorm), auc: toMeanInterval(auc) };
}

/** Projections of the recorded answers in their order, if they are of the given direction. */
export function recordedProjections(document: VaneDocument, directionId: string | null): number[][] {
  const { recorded } = document;
  const chosen = directionId ?? document.directions[0]?.id;
  if (!recorded?.projections || recorded.projections.directionId !== chosen) return [];
  return unpackProjections(recorded.answers, recorded.projections.letters);
}

/** Tints recorded answers by the chosen direction where its projections were recorded; others lose their tint. */
export function tintRecorded(): void {
  const { document, session } = appStore.getState();
  const projections = recordedProjections(document, session.activeDirectionId);
  const byKey = new Map(document.recorded?.answers.map((answer, index) => [answerKey(answer), projections[index] ?? []]));
  setRuntime(({ answers }) => ({
    answers: Object.fromEntries(
      Object.entries(answers).map(([key, answer]) => [
        key,
        answer.status === 'recorded' ? { ...answer, projections: byKey.get(key) ?? [] } : answer,
      ]),
    ),
  }));
}

/** The first intervention that steers is the one whose sweep a document records. */
export function sweptIntervention(document: VaneDocument): string | undefined {
  return document.interventions.find(({ operation }) => operation === 'steer')?.id;
}

function toSweepRecord({ coefficient, alignment, coherence, custom, em }: SweepPoint): SweepPointRecord {
  const own = toMeanInterval(custom);
  return {
    coefficient,
    alignment: toMeanInterval(alignment),
    coherence: toMeanInterval(coherence),
    ...(own ? { custom: own } : {}),
    em: { k: em.k, n: em.n },
  };
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
