import { encodeLink } from '../document/link';
import { packProjections, packScatter, rounded, unpackProjections } from '../document/recorded-readings';
import type { RecordedAnswer, RecordedRecord, SweepPointRecord, VaneDocument } from '../document/schema';
import { ENGINE_VERSION } from '../engine/api';
import { answerKey, flushAnswers } from './answers';
import { appStore, setRuntime } from './app-store';
import { shownDirection } from './generation';
import { toRecordedControls } from './recorded-controls';
import { toMeanInterval } from './recorded-estimate';
import type { AnswerState, ProfilePoint, SweepPoint } from './state';

/**
 * The document with what is on screen as its recorded result: answers of the present settings, whole ones only. Where nothing has run
 * here, that is the record that the document came with, less what its settings no longer say.
 */
export function documentWithRecord(): VaneDocument {
  flushAnswers();
  const { document, runtime } = appStore.getState();
  const standing = Object.values(runtime.answers).filter(({ status, stopReason }) => status !== 'streaming' && stopReason !== 'abort');
  const answers = standing.filter(({ stale }) => !stale);
  const made = answers.some(({ status }) => status === 'done') ? madeHere() : document.recorded;
  if (!made || answers.length === 0) return { ...document, recorded: null };
  if (made === document.recorded && answers.length === document.recorded.answers.length) return document;
  const tokenTexts: Record<string, string> = {};
  for (const { ids, tokens } of answers) {
    // A recorded answer without token texts stands as one text.
    if (ids.length === tokens.length) for (const [index, id] of ids.entries()) tokenTexts[id] ??= tokens[index] ?? '';
  }
  const lean = Object.entries(runtime.summaries).flatMap(([id, summary]) => {
    const interval = summary.lean && toMeanInterval(summary.lean);
    return interval ? [[id, interval] as const] : [];
  });
  const controls = toRecordedControls(appStore.getState());
  const sweep = runtime.sweeps[sweptIntervention(document) ?? '']?.map(toSweepRecord);
  const { createdAt, engineVersion, backend, weights, judgeName } = made;
  const recorded: RecordedRecord = {
    createdAt,
    engineVersion,
    backend,
    weights,
    judgeName,
    answers: answers.map(toRecordedAnswer),
    tokenTexts,
    lean: Object.fromEntries(lean),
    ...(sweep ? { sweep } : {}),
    ...(controls ? { controls } : {}),
    ...recordedReadings(answers),
  };
  return { ...document, recorded };
}

type Origin = Pick<RecordedRecord, 'createdAt' | 'engineVersion' | 'backend' | 'weights' | 'judgeName'>;

/** Where answers of this tab come from. */
function madeHere(): Origin | null {
  const { modelInfo, judge } = appStore.getState().runtime;
  if (!modelInfo) return null;
  const { backend, weights } = modelInfo;
  return { createdAt: new Date().toISOString(), engineVersion: ENGINE_VERSION, backend, weights, judgeName: judge.name };
}

/** What was read beside the answers, as far as it is there: the tint, the layer profile and the activations. */
function recordedReadings(answers: readonly AnswerState[]): Pick<RecordedRecord, 'projections' | 'profile' | 'scatter'> {
  const { session, runtime } = appStore.getState();
  const direction = shownDirection(runtime.directions, session.activeDirectionId);
  const projections = answers.map((answer) => answer.projections);
  const isTinted = projections.some((values) => values.some(Number.isFinite));
  const scatter = runtime.scatter.length > 0 ? packScatter(runtime.scatter) : null;
  return {
    ...(direction && isTinted ? { projections: { directionId: direction.id, letters: packProjections(answers, projections) } } : {}),
    ...(runtime.profile.length > 0 ? { profile: runtime.profile.map(toProfileRecord) } : {}),
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

function toSweepRecord({ coefficient, alignment, coherence, em }: SweepPoint): SweepPointRecord {
  return { coefficient, alignment: toMeanInterval(alignment), coherence: toMeanInterval(coherence), em: { k: em.k, n: em.n } };
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
