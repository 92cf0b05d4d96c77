import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { GraphBuilder } from '../../src/graph/graph-builder';
import { ROOT } from '../parity/support/fixtures';
import type { VanePage } from '../parity/support/vane-page';
import { BenchHost, REAL_QWEN } from './bench-page';
import { measureRatio, report, rounds } from './ratio';

/** VANE_BENCH_PROMPTS makes a quicker run on a slow machine. */
const PROMPTS = Number(process.env.VANE_BENCH_PROMPTS ?? 64);
const LENGTH = 64;
/** The real Qwen's sizes. */
const QWEN = { nLayers: 24, dModel: 896, dMlp: 4864, attention: 896, keyValue: 128 };
const ROUNDS = rounds(3);

/** Multiplications and additions of the blocks for `rows` causal rows of `length` tokens; no head, no embedding. */
function captureFlops(rows: number, length: number): number {
  const { nLayers, dModel, dMlp, attention, keyValue } = QWEN;
  const linear = dModel * (2 * attention + 2 * keyValue) + 3 * dModel * dMlp;
  const scores = 2 * attention * ((length + 1) / 2);
  return 2 * rows * length * nLayers * (linear + scores);
}

/** One [4096, 896] x [896, 4864] product with a constant right side, as the model has them. */
function matMulModel(): Uint8Array {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', ['rows', QWEN.dModel]);
  const weights = builder.floats('w', () => Float32Array.from({ length: QWEN.dModel * QWEN.dMlp }, (_, i) => Math.sin(i)), [
    QWEN.dModel,
    QWEN.dMlp,
  ]);
  builder.node('MatMul', [x, weights], {}, { name: 'y' });
  builder.output('y', 'float32', ['rows', QWEN.dMlp]);
  return builder.serialise();
}

interface MatMulSession {
  run(feeds: Record<string, unknown>): Promise<Record<string, { dispose(): void }>>;
}

interface OrtModule {
  env: { wasm: { numThreads: number; wasmPaths: string } };
  InferenceSession: { create(bytes: Uint8Array, options: object): Promise<MatMulSession> };
  Tensor: new (type: string, data: Float32Array, shape: number[]) => unknown;
}

interface BenchWindow {
  benchMatMul?: { session: MatMulSession; input: unknown };
}

async function prepareMatMul(vane: VanePage, origin: string, threads: number): Promise<void> {
  const base64 = Buffer.from(matMulModel()).toString('base64');
  await vane.page.evaluate(
    async ({ base64, origin, threads, rows, width }) => {
      const ort = (await import(`${origin}/ort/ort.wasm.min.mjs`)) as OrtModule;
      ort.env.wasm.numThreads = threads;
      ort.env.wasm.wasmPaths = `${origin}/ort/`;
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
      const values = Float32Array.from({ length: rows * width }, (_, i) => Math.cos(i));
      (window as unknown as BenchWindow).benchMatMul = { session, input: new ort.Tensor('float32', values, [rows, width]) };
    },
    { base64, origin, threads, rows: PROMPTS * LENGTH, width: QWEN.dModel },
  );
}

/** FLOP/s of the one product. */
async function matMulSpeed(vane: VanePage): Promise<number> {
  const seconds = await vane.page.evaluate(async () => {
    const { benchMatMul } = window as unknown as BenchWindow;
    const started = performance.now();
    const { y } = (await benchMatMul?.session.run({ x: benchMatMul.input })) ?? {};
    y?.dispose();
    return (performance.now() - started) / 1000;
  });
  return (2 * PROMPTS * LENGTH * QWEN.dModel * QWEN.dMlp) / seconds;
}

/** FLOP/s of a capture: all blocks' resid_post of all prompts, kept in the page. */
async function captureSpeed(vane: VanePage, rows: number[][]): Promise<number> {
  const seconds = await vane.page.evaluate(async (ids) => {
    const model = (
      window as unknown as { heldModels: Map<string, { forward(ids: number[][], options: object): Promise<unknown> }> }
    ).heldModels.get('qwen');
    const started = performance.now();
    await model?.forward(ids, { hookPoints: ['blocks.*.hook_resid_post'], logits: 'none' });
    return (performance.now() - started) / 1000;
  }, rows);
  return captureFlops(rows.length, rows[0]?.length ?? 0) / seconds;
}

/** The same capture by transformers with torch on this CPU; null, and said, where VANE_PYTHON names no Python that has them. */
function torchCapture(): { seconds: number; threads: number } | null {
  const script = join(ROOT, 'tests', 'bench', 'capture_reference.py');
  const file = join(ROOT, '.cache', 'real-weights', REAL_QWEN);
  const run = spawnSync(process.env.VANE_PYTHON ?? 'python3', [script, file, String(PROMPTS), String(LENGTH)], { encoding: 'utf8' });
  if (run.status === 0) return JSON.parse(run.stdout) as { seconds: number; threads: number };
  console.log(
    `capture by torch: NOT MEASURED, VANE_PYTHON names no Python with torch and transformers (${run.stderr?.split('\n').at(-2)}).`,
  );
  return null;
}

test('capture of prompts of 64 tokens at all layers against one large MatMul', async () => {
  if (!existsSync(join(ROOT, '.cache', 'real-weights', REAL_QWEN))) {
    console.log('capture: NOT MEASURED, the real Qwen is not in .cache/real-weights (npm run real-weights).');
    return;
  }
  const bench = await BenchHost.start();
  const vane = await bench.vane();
  const info = await vane.load('qwen', { source: `${bench.host.origin}/real/${REAL_QWEN}`, backend: 'wasm', weights: 'f32' });
  await prepareMatMul(vane, bench.host.origin, info.threads);
  const rows = Array.from({ length: PROMPTS }, (_, row) =>
    Array.from({ length: LENGTH }, (_, i) => 100 + ((row * 997 + i * 131) % 40_000)),
  );
  const measured = await measureRatio(
    ROUNDS,
    () => captureSpeed(vane, rows),
    () => matMulSpeed(vane),
  );
  report('capture FLOP/s / one ORT MatMul, Qwen2.5-Coder-0.5B f32, wasm', {
    ratio: measured.ratio,
    'capture FLOP/s': measured.numerator,
    'MatMul FLOP/s': measured.denominator,
    prompts: PROMPTS,
    threads: info.threads,
    bound: 0.7,
  });
  expect.soft(measured.ratio.median).toBeGreaterThanOrEqual(0.7);
  await bench.stop();
  const torch = torchCapture();
  if (torch) {
    const speed = captureFlops(PROMPTS, LENGTH) / torch.seconds;
    console.log(
      `capture FLOP/s / torch's, ${torch.threads} threads: ${(measured.numerator.median / speed).toFixed(3)} (torch ${speed.toExponential(3)})`,
    );
  }
});
