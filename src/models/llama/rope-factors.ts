import { UnsupportedError } from '../../core/errors';
import type { RopeConfig } from '../model-config';

/** What every released Llama 3 was scaled with; GGUF keeps only the factors that follow from it. */
const LLAMA3 = { lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength: 8_192 };
const TOLERANCE = 1e-3;

/**
 * The rotary scaling behind a GGUF's table of factors `[headDim / 2]`, each dividing one frequency.
 * @throws UnsupportedError unless Llama 3's own scaling gives the same table.
 */
export function readRopeFactors(factors: Float32Array, theta: number, what: string): RopeConfig['scaling'] {
  const factor = Math.max(...factors);
  if (factors.every((value) => value === 1)) return { kind: 'none' };
  const scaling = { kind: 'llama3' as const, factor, ...LLAMA3 };
  factors.forEach((value, index) => {
    const expected = llama3Factor(theta ** (-index / factors.length), scaling);
    if (!(Math.abs(value - expected) <= TOLERANCE * expected)) {
      throw new UnsupportedError(
        `${what}[${index}]: expected ${expected.toPrecision(5)} as in Llama 3, got ${value}.`,
        "Take the model's Hugging Face folder, whose config states its scaling.",
      );
    }
  });
  return scaling;
}

/** What Llama 3's scaling divides a frequency by: 1 for short waves, `factor` for long ones, smooth between. */
function llama3Factor(frequency: number, scaling: typeof LLAMA3 & { factor: number }): number {
  const turns = (scaling.originalContextLength * frequency) / (2 * Math.PI);
  if (turns > scaling.highFrequencyFactor) return 1;
  if (turns < scaling.lowFrequencyFactor) return scaling.factor;
  const smooth = (turns - scaling.lowFrequencyFactor) / (scaling.highFrequencyFactor - scaling.lowFrequencyFactor);
  return 1 / ((1 - smooth) / scaling.factor + smooth);
}
