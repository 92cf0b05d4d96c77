/** Rotary frequencies of one kind of attention layer. */
export interface RotaryOptions {
  headDim: number;
  theta: number;
  scaling:
    | { kind: 'none' }
    | { kind: 'linear'; factor: number }
    | { kind: 'llama3'; factor: number; lowFrequencyFactor: number; highFrequencyFactor: number; originalContextLength: number };
}

/**
 * Inverse frequencies `theta^(-2i/headDim)`, scaled, `[headDim/2]`, rounded to f32 at each step as the reference implementation does.
 * @source Su et al. 2021 (arXiv 2104.09864); the llama3 scaling is the Llama 3.1 release's.
 */
export function inverseFrequencies(options: RotaryOptions): Float32Array {
  const { headDim, theta, scaling } = options;
  const half = headDim / 2;
  const frequencies = new Float32Array(half);
  for (let i = 0; i < half; i++) {
    const plain = Math.fround(1 / Math.fround(theta ** Math.fround((2 * i) / headDim)));
    frequencies[i] = scaled(plain, scaling);
  }
  return frequencies;
}

function scaled(frequency: number, scaling: RotaryOptions['scaling']): number {
  if (scaling.kind === 'none') return frequency;
  if (scaling.kind === 'linear') return frequency / scaling.factor;
  const wavelength = (2 * Math.PI) / frequency;
  const { factor, lowFrequencyFactor, highFrequencyFactor, originalContextLength } = scaling;
  if (wavelength > originalContextLength / lowFrequencyFactor) return frequency / factor;
  if (wavelength < originalContextLength / highFrequencyFactor) return frequency;
  const smooth = (originalContextLength / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}

/** cos and sin of position x frequency, each `[positions, headDim/2]`. */
export function rotaryTables(options: RotaryOptions, positions: number): { cos: Float32Array; sin: Float32Array } {
  const frequencies = inverseFrequencies(options);
  const half = frequencies.length;
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let position = 0; position < positions; position++) {
    for (let i = 0; i < half; i++) {
      const angle = Math.fround(position * (frequencies[i] as number));
      cos[position * half + i] = Math.cos(angle);
      sin[position * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}
