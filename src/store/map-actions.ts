import { answerKey } from './answers';
import { appStore, isAbort, notify, setRuntime } from './app-store';
import { messagesFor, runOptionsFor } from './condition-run';
import { callEngine } from './engine-handle';
import { shownDirection } from './generation';
import { residualNorms } from './residual-norms';
import { readAlong } from './staleness';

let abort: AbortController | null = null;

/** Reads one answer's projection on the shown direction at every block: the layer x token map, in standard deviations. */
export async function showMap(conditionId: string, questionId: string, sample: number): Promise<void> {
  const { document, session, runtime } = appStore.getState();
  const answer = runtime.answers[answerKey({ conditionId, questionId, sample })];
  const condition = document.conditions.find(({ id }) => id === conditionId);
  const question = document.questions.items.find(({ id }) => id === questionId);
  const direction = shownDirection(runtime.directions, session.activeDirectionId);
  const { modelInfo } = runtime;
  if (!answer || !condition || !question || !direction || !modelInfo) return;
  abort?.abort();
  abort = new AbortController();
  const { signal } = abort;
  const along = readAlong(appStore.getState());
  const { modelId, nLayers } = modelInfo;
  const hookPoints = Array.from({ length: nLayers }, (_, block) => `blocks.${block}.hook_resid_post`);
  try {
    const [row] = await callEngine('encodeChat', { modelId, rows: [{ messages: messagesFor(condition, question.text) }] }, { signal });
    const promptIds = row?.promptIds ?? [];
    const [tensor] = await callEngine(
      'project',
      {
        modelId,
        ids: [[...promptIds, ...answer.ids]],
        promptLengths: [promptIds.length],
        probes: hookPoints.map((hookPoint) => ({ hookPoint, values: direction.values })),
        ...runOptionsFor(document, condition, runtime.directions, session.bypass),
      },
      { signal },
    );
    if (!tensor || signal.aborted) return;
    const norms = await residualNorms(modelId, hookPoints);
    if (signal.aborted) return;
    const unit = scaleByBlock(direction.hookPoint, direction.projectionDeviation, norms);
    const values = hookPoints.map((hookPoint, block) =>
      answer.ids.map((_, token) => {
        const projection = tensor.data[(promptIds.length + token) * nLayers + block] as number;
        const centre = (direction.negativeMeanProjection ?? 0) * ((norms[hookPoint] ?? 1) / (norms[direction.hookPoint] ?? 1));
        return (projection - centre) / (unit[block] ?? 1);
      }),
    );
    setRuntime({ map: { conditionId, questionId, sample, tokens: answer.tokens, ids: answer.ids, along, hookPoints, values } });
  } catch (error) {
    if (!isAbort(error)) notify('error', error instanceof Error ? error.message : String(error));
  }
}

/** Unit of the map at each block: the direction's own deviation, scaled with the residual's growth. */
function scaleByBlock(hookPoint: string, deviation: number | null, norms: Readonly<Record<string, number>>): number[] {
  const own = norms[hookPoint] || 1;
  return Object.values(norms).map((value) => ((deviation || 1) * value) / own || 1);
}
