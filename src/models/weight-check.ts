import { FormatError } from '../core/errors';
import type { LoraProjection } from '../formats/lora-adapter';
import type { WeightEntry } from '../formats/weight-store';
import type { ModelConfig } from './model-config';
import { EMBEDDING_NAME, HEAD_NAME, planWeights } from './weight-plan';

const OTHER_CONFIG = 'Config and weights do not belong together: take both from one place.';

/** Names and shapes of every tensor that a model of this description stores. */
export function expectedTensors(config: ModelConfig): Map<string, number[]> {
  const shapes = new Map<string, number[]>([[EMBEDDING_NAME, [config.vocabSize, config.dModel]]]);
  for (const { name, shape } of planWeights(config)) if (name !== HEAD_NAME || !config.tiedHead) shapes.set(name, shape);
  return shapes;
}

/** @throws FormatError naming the first tensor that is missing, has another shape or has no place in the model. */
export function checkTensors(entries: ReadonlyMap<string, WeightEntry>, config: ModelConfig, files: string): void {
  const expected = expectedTensors(config);
  for (const [name, shape] of expected) {
    const entry = entries.get(name);
    if (!entry) throw new FormatError(`${files}: tensor "${name}": expected [${shape}], got nothing.`, OTHER_CONFIG);
    if (entry.shape.length !== shape.length || entry.shape.some((size, axis) => size !== shape[axis])) {
      throw new FormatError(`${files}: tensor "${name}": expected [${shape}], got [${entry.shape}].`, OTHER_CONFIG);
    }
  }
  for (const name of entries.keys()) {
    if (!expected.has(name)) {
      throw new FormatError(
        `${files}: tensor "${name.slice(0, 100)}": expected only the tensors of a ${config.family} model as its config describes it, got this one besides.`,
        OTHER_CONFIG,
      );
    }
  }
}

/** `[dOut, dIn]` of each linear layer of a block. */
export function projectionShapes(config: ModelConfig): Record<LoraProjection, [number, number]> {
  const { dModel, dMlp, nHeads, nKvHeads, headDim } = config;
  return {
    q_proj: [nHeads * headDim, dModel],
    k_proj: [nKvHeads * headDim, dModel],
    v_proj: [nKvHeads * headDim, dModel],
    o_proj: [dModel, nHeads * headDim],
    gate_proj: [dMlp, dModel],
    up_proj: [dMlp, dModel],
    down_proj: [dModel, dMlp],
  };
}
