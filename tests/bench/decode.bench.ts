import { expect, test } from '@playwright/test';
import type { PlainGenerate } from '../parity/support/in-page';
import type { VanePage } from '../parity/support/vane-page';
import { BenchHost, someDirection } from './bench-page';
import { measureRatio, report, rounds } from './ratio';

const ROUNDS = rounds(7);
const PROMPT_LENGTH = 24;

/** Tokens a second between the third token and the last: the prompt's own time is no part of decoding. */
async function decodeSpeed(vane: VanePage, key: string, prompt: number[], options: PlainGenerate): Promise<number> {
  const { eventMs } = await vane.generate(key, prompt, { temperature: 1, seed: 5, ...options });
  if (eventMs.length < 8) throw new Error(`expected a continuation of 8 tokens or more to time, got ${eventMs.length}`);
  return ((eventMs.length - 3) / ((eventMs.at(-1) as number) - (eventMs[2] as number))) * 1000;
}

test('decode with one edit and projections at all layers against plain decode', async () => {
  const bench = await BenchHost.start();
  for (const model of bench.models()) {
    for (const backend of model.backends) {
      const vane = await bench.vane();
      const info = await vane.load('m', { source: model.source, backend });
      const direction = someDirection(info.dModel);
      const edited: PlainGenerate = {
        maxNewTokens: model.tokens,
        // Coefficient 0 keeps the text, and so the number of tokens, the same; the kernels run all the same.
        interventions: [{ direction, operation: 'steer', coefficient: 1e-6, hookPoints: `blocks.${info.nLayers >> 1}.hook_resid_post` }],
        probes: Array.from({ length: info.nLayers }, (_, block) => ({ hookPoint: `blocks.${block}.hook_resid_post`, values: direction })),
      };
      const prompt = Array.from({ length: PROMPT_LENGTH }, (_, i) => 40 + ((i * 37) % 200));
      const measured = await measureRatio(
        ROUNDS,
        () => decodeSpeed(vane, 'm', prompt, edited),
        () => decodeSpeed(vane, 'm', prompt, { maxNewTokens: model.tokens }),
      );
      report(`decode edited / plain, ${model.name}, ${backend}`, {
        ratio: measured.ratio,
        'edited tokens/s': measured.numerator,
        'plain tokens/s': measured.denominator,
        weights: info.weights,
        threads: info.threads,
        bound: model.bound,
      });
      expect.soft(measured.ratio.median, `${model.name}, ${backend}`).toBeGreaterThanOrEqual(model.bound);
      await vane.page.context().close();
    }
  }
  await bench.stop();
});
