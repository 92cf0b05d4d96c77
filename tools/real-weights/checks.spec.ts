import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Backend } from '../../src/engine/api';
import {
  compareGreedy,
  type GreedyReference,
  type ReferenceTensor,
  readReference,
  relativeError,
  smallestRowCosine,
} from '../../tests/parity/support/compare';
import { appUrl, launchChromium, ROOT, startHost } from '../../tests/parity/support/fixtures';
import { VanePage } from '../../tests/parity/support/vane-page';

const CACHE = join(ROOT, '.cache', 'real-weights');
const EVERYWHERE = [
  'hook_embed',
  'blocks.*.hook_resid_pre',
  'blocks.*.hook_resid_mid',
  'blocks.*.hook_resid_post',
  'ln_final.hook_normalized',
];
/** WASM by default; the software GPU takes ten seconds a token and more, so `webgpu` is for machines with a real one. */
const BACKENDS = (process.env.VANE_REAL_BACKENDS ?? 'wasm').split(',') as Backend[];
const FORMATS = (process.env.VANE_REAL_WEIGHTS ?? 'f32,q8').split(',');
const CHECKPOINTS = JSON.parse(readFileSync(join(ROOT, 'tools', 'real-weights', 'checkpoints.json'), 'utf8')) as Record<
  string,
  { file: string }
>;

interface RealCases {
  rows: number[][];
  texts: string[];
  greedy: Array<GreedyReference & { text: string }>;
  stopIds: number[];
}

function keepFigures(name: string, figures: Record<string, unknown>): void {
  const folder = join(ROOT, 'test-results', 'real-weights');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(figures, null, 1)}\n`);
  console.log(name, JSON.stringify(figures));
}

for (const [name, { file }] of Object.entries(CHECKPOINTS)) {
  const isThere = existsSync(join(CACHE, file)) && existsSync(join(CACHE, `${name}.cases.json`));
  if (!isThere) {
    console.log(`${name}: NOT CHECKED, its weights or reference are not in .cache/real-weights.`);
    continue;
  }
  const cases = JSON.parse(readFileSync(join(CACHE, `${name}.cases.json`), 'utf8')) as RealCases;
  for (const { ids } of cases.greedy) if (cases.stopIds.includes(ids.at(-1) ?? -1)) ids.pop();

  for (const backend of BACKENDS) {
    for (const weights of FORMATS as Array<'f32' | 'q8'>) {
      test(`${name}, ${weights}, ${backend}: residuals, logits and greedy text against transformers`, async () => {
        const reference = readReference(join(CACHE, `${name}.reference.safetensors`));
        const host = await startHost();
        const browser = await launchChromium();
        const vane = new VanePage(await (await browser.newContext()).newPage());
        await vane.open(appUrl(host));
        const info = await vane.load('real', { source: `${host.origin}/real/${file}`, backend, weights });
        const worst = { relativeError: 0, at: '', cosine: 1, cosineAt: '', logits: 0 };
        for (const [index, ids] of cases.rows.entries()) {
          const answer = await vane.forward('real', [ids], { hookPoints: EVERYWHERE, logits: 'all' });
          for (const [hookPoint, got] of answer.activations) {
            const truth = reference.get(`${index}/${hookPoint}`) as ReferenceTensor;
            const error = relativeError(got.data, truth.data);
            if (error > worst.relativeError) Object.assign(worst, { relativeError: error, at: `prompt ${index} ${hookPoint}` });
            const cosine = smallestRowCosine(got.data, truth.data, truth.shape[1] ?? 1);
            if (cosine < worst.cosine) Object.assign(worst, { cosine, cosineAt: `prompt ${index} ${hookPoint}` });
          }
          const truth = reference.get(`${index}/logits`) as ReferenceTensor;
          worst.logits = Math.max(worst.logits, relativeError(answer.logits?.data ?? new Float32Array(), truth.data));
        }
        const greedy = [];
        // Text is compared in f32 only: rounded weights may choose other words.
        for (const [index, ids] of weights === 'f32' ? cases.rows.entries() : []) {
          const expected = cases.greedy[index] ?? { ids: [], gaps: [] };
          const { answers, ms } = await vane.generate('real', ids, { temperature: 0, maxNewTokens: 64 });
          const verdict = compareGreedy(answers[0]?.ids ?? [], expected);
          greedy.push({ ...verdict, tokens: answers[0]?.ids.length ?? 0, tokensPerSecond: ((answers[0]?.ids.length ?? 0) / ms) * 1000 });
        }
        await browser.close();
        await host.stop();
        keepFigures(`${name}-${weights}-${backend}`, { loadSeconds: info.loadMs / 1000, threads: info.threads, ...worst, greedy });
        if (weights === 'f32') {
          expect.soft(worst.relativeError, `hook points, worst at ${worst.at}`).toBeLessThanOrEqual(1e-4);
          expect.soft(worst.logits, 'logits').toBeLessThanOrEqual(1e-4);
          for (const [index, verdict] of greedy.entries()) {
            expect
              .soft(verdict, `"${cases.texts[index]}": first difference at token ${verdict.firstDifference}`)
              .toMatchObject({ agrees: true });
          }
        } else expect.soft(worst.cosine, `worst at ${worst.cosineAt}`).toBeGreaterThanOrEqual(0.999);
      });
    }
  }
}
