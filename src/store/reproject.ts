import type { Direction } from '../core/direction';
import { answerKey, flushAnswers, putAnswer } from './answers';
import { appStore, isAbort, notify } from './app-store';
import { messagesFor, runOptionsFor } from './condition-run';
import { callEngine } from './engine-handle';
import { readableDirection, shownDirection, standardProjection } from './generation';
import { showMap } from './map-actions';
import { tintRecorded } from './recorded-result';
import { runnable } from './runnable';

let abort: AbortController | null = null;

/** Takes a step after which the words may be tinted by another direction; where they are, their tint follows. */
export function followingTint(step: () => void): void {
  const before = tinting();
  step();
  if (isSameReading(before, tinting())) return;
  tintRecorded();
  void reprojectAnswers();
  const { map } = appStore.getState().runtime;
  if (map) void showMap(map.conditionId, map.questionId, map.sample);
}

function tinting(): Direction | null {
  const { runtime, session } = appStore.getState();
  return shownDirection(runtime.directions, session.activeDirectionId);
}

/** True when both read the same of an answer; names do not matter. */
function isSameReading(a: Direction | null, b: Direction | null): boolean {
  if (!a || !b) return a === b;
  return (
    a.id === b.id &&
    a.hookPoint === b.hookPoint &&
    a.negativeMeanProjection === b.negativeMeanProjection &&
    a.projectionDeviation === b.projectionDeviation &&
    a.values.length === b.values.length &&
    a.values.every((value, index) => value === b.values[index])
  );
}

/** Reads the shown direction's projection again for every finished answer, as after another direction was chosen; nothing is generated. */
export async function reprojectAnswers(): Promise<void> {
  flushAnswers();
  const { document, session, runtime } = appStore.getState();
  const modelId = runtime.modelInfo?.modelId;
  if (!modelId) return;
  abort?.abort();
  abort = new AbortController();
  const { signal } = abort;
  const questions = new Map(document.questions.items.map(({ id, text }) => [id, text]));
  try {
    for (const condition of document.conditions.filter(runnable)) {
      const direction = readableDirection(condition);
      if (!direction) continue;
      const answers = Object.values(runtime.answers).filter(
        ({ conditionId, status, ids, stale }) => conditionId === condition.id && status === 'done' && ids.length > 0 && !stale,
      );
      if (answers.length === 0) continue;
      const rows = await callEngine(
        'encodeChat',
        { modelId, rows: answers.map(({ questionId }) => ({ messages: messagesFor(condition, questions.get(questionId) ?? '') })) },
        { signal },
      );
      const prompts = rows.map(({ promptIds }) => promptIds);
      const tensors = await callEngine(
        'project',
        {
          modelId,
          ...runOptionsFor(document, condition, runtime.directions, session.bypass),
          ids: answers.map((answer, index) => [...(prompts[index] ?? []), ...answer.ids]),
          promptLengths: prompts.map(({ length }) => length),
          probes: [{ hookPoint: direction.hookPoint, values: direction.values }],
        },
        { signal },
      );
      answers.forEach((answer, index) => {
        const key = answerKey(answer);
        const now = appStore.getState().runtime.answers[key];
        const data = tensors[index]?.data;
        if (now?.ids !== answer.ids || !data) return;
        const start = prompts[index]?.length ?? 0;
        const projections = answer.ids.map((_, token) => standardProjection(direction, data[start + token] as number));
        putAnswer({ ...now, projections });
      });
    }
    flushAnswers();
  } catch (error) {
    if (!isAbort(error)) notify('error', error instanceof Error ? error.message : String(error));
  }
}
