import { expandHookPoints } from '../core/hook-point';
import { appStore, setRuntime } from './app-store';
import { hookPointPattern } from './condition-run';
import { callEngine } from './engine-handle';

/** Mean residual norms of the loaded model, the unit of steering coefficients, each measured once. */
export async function residualNorms(modelId: string, hookPoints: string[]): Promise<Record<string, number>> {
  const known = appStore.getState().runtime.residualNorms;
  const missing = hookPoints.filter((hookPoint) => known[hookPoint] === undefined);
  if (missing.length > 0) {
    const measured = await callEngine('residualNorms', { modelId, hookPoints: missing });
    if (appStore.getState().runtime.modelInfo?.modelId === modelId)
      setRuntime(({ residualNorms: before }) => ({ residualNorms: { ...before, ...measured } }));
  }
  const all = appStore.getState().runtime.residualNorms;
  return Object.fromEntries(hookPoints.map((hookPoint) => [hookPoint, all[hookPoint] ?? 1]));
}

/** Measures the norms that the steering interventions are given in (each token's own norm varies around the mean), so that raw lengths can stand beside their coefficients. */
export async function followNorms(): Promise<void> {
  const { document, runtime } = appStore.getState();
  const { modelInfo } = runtime;
  if (!modelInfo) return;
  const steering = document.interventions.filter(({ operation, unit }) => operation === 'steer' && unit !== 'direction');
  const hookPoints = steering.flatMap((record) => expanded(hookPointPattern(record), modelInfo.nLayers));
  if (hookPoints.length > 0) await residualNorms(modelInfo.modelId, [...new Set(hookPoints)]);
}

/** Hook points of a pattern; none while it is being typed and cannot be read. */
function expanded(pattern: string, nLayers: number): string[] {
  try {
    return expandHookPoints(pattern, nLayers);
  } catch {
    return [];
  }
}
