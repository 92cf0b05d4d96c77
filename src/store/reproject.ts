import { answerKey, answerSignature, flushAnswers, putAnswer } from './answers';
import { appStore, isAbort, notify } from './app-store';
import { messagesFor, runOptionsFor } from './condition-run';
import { callEngine } from './engine-handle';
import { readableDirection, standardProjection } from './generation';
import { runnable } from './runnable';

let abort: AbortController | null = null;

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
        putAnswer({ ...now, projections }, answerSignature(key) ?? '');
      });
    }
    flushAnswers();
  } catch (error) {
    if (!isAbort(error)) notify('error', error instanceof Error ? error.message : String(error));
  }
}
