import { compareRecorded, SCORE_TOLERANCE } from '../document/reproduction';
import type { RecordedAnswer } from '../document/schema';
import { answerKey, flushAnswers, isMadeAsRecorded } from './answers';
import { appStore, notify, runTask, setRuntime } from './app-store';
import { comparableAnswers } from './comparable-answers';
import { makeReady } from './link-actions';
import { pausingLive } from './live';
import { showMap } from './map-actions';
import { recomputeReport } from './recompute-report';
import { toRecordedAnswer } from './recorded-result';
import { isOfRecording } from './recorded-scores';
import { requireModel } from './require-model';
import { runConditions } from './run-actions';
import { recomputeSignature } from './staleness';
import type { AnswerState, RecomputeReport } from './state';

const NO_SCORES = { alignment: null, coherence: null, domain: null, custom: null };

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
      madeUnder = recomputeSignature(appStore.getState().document, requireModel('Recompute'));
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
      compareRecorded(
        { answers: sameJudge ? withoutUnjudged(compared, fresh) : compared },
        { answers: fresh.map(toRecordedAnswer) },
        sameJudge ? SCORE_TOLERANCE : null,
      ),
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

/** The recorded answers, without the scores of those that the judge has not reached here: no word of its is no other word. */
function withoutUnjudged(recorded: RecordedAnswer[], fresh: readonly AnswerState[]): RecordedAnswer[] {
  const unjudged = new Set(fresh.flatMap((answer) => (answer.scores === null ? [answerKey(answer)] : [])));
  const silent = recorded.filter((answer) => unjudged.has(answerKey(answer)));
  if (silent.length === 0) return recorded;
  notify('info', `Recompute: the judge has not scored ${silent.length} of ${recorded.length} answers here. Their scores are not compared.`);
  return recorded.map((answer) => (silent.includes(answer) ? { ...answer, scores: NO_SCORES } : answer));
}
