import type { ModelConfig } from '../../models/model-config';
import { EMBEDDING_NAME, planWeights } from '../../models/weight-plan';
import type { Backend, WeightFormat } from '../api';

export interface BackendChoice {
  backend: Backend;
  weights: WeightFormat;
  reason: string;
}

/** Below this a GPU spends longer on dispatching kernels than a CPU on running them. */
const SMALL_MODEL_BYTES = 64 * 1024 * 1024;
/** What one tab can hold: WASM memory ends at 4 GB, activations and the conversion's copies included. */
const WASM_WEIGHT_BYTES = 2.5 * 1024 ** 3;
const GPU_WEIGHT_BYTES = 3 * 1024 ** 3;

/** Weights in a format, bytes; the embedding lies beside the head, and neither goes below 8 bits. */
export function weightBytes(config: ModelConfig, format: WeightFormat): number {
  const bytes = { f32: 4, q8: 1.125, q4: 0.625 };
  let sum = 0;
  for (const { name, role, shape } of planWeights(config)) {
    const size = shape.reduce((product, value) => product * value, 1);
    const kept = role === 'matrix' ? format : role === 'head' && format !== 'f32' ? 'q8' : 'f32';
    sum += size * bytes[kept] * (name === EMBEDDING_NAME ? 2 : 1);
  }
  return sum;
}

/** Backend and weight format for a model: what was asked for, and by measurement what was not. */
export function chooseBackend(
  config: ModelConfig,
  wanted: { backend?: Backend; weights?: WeightFormat },
  available: { webgpu: boolean; isSoftware: boolean },
): BackendChoice {
  const size = (format: WeightFormat) => `${(weightBytes(config, format) / 1024 ** 2).toFixed(0)} MB`;
  const isSmall = weightBytes(config, 'f32') <= SMALL_MODEL_BYTES;
  let backend = wanted.backend;
  let why = 'backend as asked';
  if (!backend) {
    backend = available.webgpu && !available.isSoftware && !isSmall ? 'webgpu' : 'wasm';
    why =
      backend === 'webgpu'
        ? 'the GPU is faster at this size'
        : isSmall
          ? 'a model this small runs faster without a GPU'
          : 'no hardware GPU was found';
  }
  if (wanted.weights) return { backend, weights: wanted.weights, reason: `${why}; weights as asked (${size(wanted.weights)})` };
  const weights = defaultWeights(config, backend);
  const note = weights === 'f32' ? 'full precision fits' : weights === 'q8' ? '8 bits keep the residuals within 0.1 %' : 'only 4 bits fit';
  return { backend, weights, reason: `${why}; ${note} (${size(weights)})` };
}

function defaultWeights(config: ModelConfig, backend: Backend): WeightFormat {
  const limit = backend === 'webgpu' ? GPU_WEIGHT_BYTES : WASM_WEIGHT_BYTES;
  // WASM unpacks blocks at every call, so f32 is several times faster there as long as it fits; on a GPU bandwidth decides.
  const order: WeightFormat[] = backend === 'wasm' || weightBytes(config, 'f32') <= SMALL_MODEL_BYTES ? ['f32', 'q8', 'q4'] : ['q8', 'q4'];
  return order.find((format) => weightBytes(config, format) <= limit) ?? 'q4';
}
