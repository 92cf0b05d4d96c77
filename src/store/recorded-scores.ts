import { answerKey, flushAnswers } from './answers';
import { appStore, setRuntime } from './app-store';
import type { AppState } from './state';

/** True while the document names the judge of the recording that was opened, whose scores its answers then carry. */
export function isOfRecording({ document, runtime }: Pick<AppState, 'document' | 'runtime'>): boolean {
  return runtime.recordedJudge !== null && JSON.stringify(runtime.recordedJudge) === JSON.stringify(document.judge);
}

/** Gives the recorded answers their recording's scores while the document names its judge, else takes them away for another's to come. */
export function settleRecordedScores(): void {
  flushAnswers();
  const state = appStore.getState();
  const { answers } = state.runtime;
  const recorded = new Map(
    isOfRecording(state) ? state.document.recorded?.answers.map(({ scores, ...answer }) => [answerKey(answer), scores]) : [],
  );
  const settled = Object.entries(answers).map(([key, answer]) => {
    const scores = recorded.get(key);
    return [key, answer.status === 'recorded' ? { ...answer, scores: scores ? { ...scores, verdict: null } : null } : answer] as const;
  });
  if (Object.values(answers).some(({ status }) => status === 'recorded')) setRuntime({ answers: Object.fromEntries(settled) });
}
