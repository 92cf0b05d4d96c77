/**
 * A seeded stream of uniform numbers in [0, 1): 32-bit SplitMix-style counter generator.
 * The stream is a function of `seed` and `stream` alone, so an answer's tokens do not depend on the batch it ran in.
 */
export function createRng(seed: number, stream = 0): () => number {
  let state = mix((seed >>> 0) ^ mix((stream + 0x9e3779b9) >>> 0));
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    return mix(state) / 4_294_967_296;
  };
}

/** The finaliser of MurmurHash3: every input bit reaches every output bit. */
function mix(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** One standard normal draw by the Box-Muller transform. */
export function gaussian(rng: () => number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - rng()));
  return radius * Math.cos(2 * Math.PI * rng());
}

/** A copy in random order (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], rng: () => number): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(rng() * (i + 1));
    const held = copy[i] as T;
    copy[i] = copy[j] as T;
    copy[j] = held;
  }
  return copy;
}
