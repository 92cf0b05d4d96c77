import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { ROOT } from '../parity/support/fixtures';
import type { VanePage } from '../parity/support/vane-page';
import { BenchHost, PEER_MODULES, REAL_QWEN } from './bench-page';
import { measureRatio, report, rounds } from './ratio';

/** VANE_BENCH_TOKENS makes a quicker run on a slow machine. */
const TOKENS = Number(process.env.VANE_BENCH_TOKENS ?? 24);
const ROUNDS = rounds(3);
const PROMPT = 'The best way to keep a houseplant alive is to water it and to give it light, and the best way to learn a language is';
const PEER_ONNX = 'peer-qwen-q4';

/** Tokens a second between the third token and the last. */
function speedOf(eventMs: readonly number[]): number {
  return ((eventMs.length - 3) / ((eventMs.at(-1) as number) - (eventMs[2] as number))) * 1000;
}

async function vaneSpeed(vane: VanePage, ids: number[]): Promise<number> {
  const { eventMs } = await vane.generate('qwen', ids, { temperature: 0, maxNewTokens: TOKENS });
  return speedOf(eventMs);
}

interface TransformersModule {
  env: {
    allowRemoteModels: boolean;
    allowLocalModels: boolean;
    localModelPath: string;
    backends: { onnx: { wasm: { wasmPaths: string; numThreads: number } } };
  };
  AutoModelForCausalLM: { from_pretrained(name: string, options: object): Promise<{ generate(options: object): Promise<unknown> }> };
  Tensor: new (type: 'int64', data: BigInt64Array, shape: number[]) => unknown;
  BaseStreamer: new () => { put(value: unknown): void; end(): void };
}

interface PeerWindow {
  peerTimes?: (tokens: number) => Promise<number[]>;
}

/** Puts a function on the page that decodes and gives the time of each token. */
async function prepareTransformers(page: Page, origin: string, threads: number, model: string, ids: number[]): Promise<void> {
  await page.evaluate(
    async ({ origin, threads, model, ids }) => {
      const lib = (await import(`${origin}/peers/@huggingface/transformers/dist/transformers.min.js`)) as TransformersModule;
      lib.env.allowRemoteModels = false;
      lib.env.allowLocalModels = true;
      lib.env.localModelPath = '/real/';
      lib.env.backends.onnx.wasm.wasmPaths = `${origin}/peers/onnxruntime-web/dist/`;
      lib.env.backends.onnx.wasm.numThreads = threads;
      const options = { device: 'wasm', dtype: 'fp32', use_external_data_format: true };
      const loaded = await lib.AutoModelForCausalLM.from_pretrained(model, options);
      const row = (values: bigint[]) => new lib.Tensor('int64', BigInt64Array.from(values), [1, values.length]);
      const inputs = { input_ids: row(ids.map(BigInt)), attention_mask: row(ids.map(() => 1n)) };
      (window as unknown as PeerWindow).peerTimes = async (tokens) => {
        const times: number[] = [];
        class Clock extends lib.BaseStreamer {
          override put(): void {
            times.push(performance.now());
          }
          override end(): void {}
        }
        await loaded.generate({
          ...inputs,
          max_new_tokens: tokens,
          min_new_tokens: tokens,
          do_sample: false,
          streamer: new Clock(),
        });
        // The first call carries the prompt.
        return times.slice(1);
      };
    },
    { origin, threads, model, ids },
  );
}

interface WllamaModule {
  Wllama: new (
    paths: { default: string },
    config: object,
  ) => {
    loadModelFromUrl(url: string, options: object): Promise<void>;
    createCompletion(options: object): Promise<void>;
  };
}

async function prepareWllama(page: Page, origin: string, threads: number, file: string): Promise<void> {
  await page.evaluate(
    async ({ origin, threads, file, prompt }) => {
      const { Wllama } = (await import(`${origin}/peers/@wllama/wllama/esm/index.min.js`)) as WllamaModule;
      const wllama = new Wllama({ default: `${origin}/peers/@wllama/wllama/esm/wasm/wllama.wasm` }, { suppressNativeLog: true });
      await wllama.loadModelFromUrl(`${origin}/real/${file}`, { n_threads: threads, n_ctx: 512, n_gpu_layers: 0, useCache: false });
      (window as unknown as PeerWindow).peerTimes = async (tokens) => {
        const times: number[] = [];
        const onData = () => times.push(performance.now());
        await wllama.createCompletion({ prompt, max_tokens: tokens, temperature: 0, cache_prompt: false, stream: true, onData });
        return times;
      };
    },
    { origin, threads, file, prompt: PROMPT },
  );
}

async function peerSpeed(page: Page): Promise<number> {
  const times = await page.evaluate((tokens) => (window as unknown as PeerWindow).peerTimes?.(tokens), TOKENS);
  return speedOf(times ?? []);
}

for (const peer of ['transformers.js', 'wllama'] as const) {
  test(`decode plain against ${peer} on the real Qwen, WASM`, async () => {
    const wanted =
      peer === 'transformers.js' ? join(ROOT, '.cache', 'real-weights', PEER_ONNX, 'onnx', 'model.onnx') : join(PEER_MODULES, '@wllama');
    if (!existsSync(join(ROOT, '.cache', 'real-weights', REAL_QWEN)) || !existsSync(PEER_MODULES) || !existsSync(wanted)) {
      console.log(
        `${peer}: NOT MEASURED. It needs npm run real-weights, npm install in tests/bench and (transformers.js) tools/real-weights/peer.py.`,
      );
      return;
    }
    const bench = await BenchHost.start();
    const { origin } = bench.host;
    // transformers.js runs int4, wllama the mixed GGUF itself: Vane beside them in the nearest format, and in f32, its own default.
    for (const weights of ['q4', 'f32'] as const) {
      const vane = await bench.vane();
      const info = await vane.load('qwen', { source: `${origin}/real/${REAL_QWEN}`, backend: 'wasm', weights });
      const { ids } = await vane.tokenize('qwen', PROMPT);
      const page = await (await bench.browser.newContext()).newPage();
      await page.goto(`${origin}/blank/`);
      if (peer === 'wllama') await prepareWllama(page, origin, info.threads, REAL_QWEN);
      else await prepareTransformers(page, origin, info.threads, PEER_ONNX, ids);
      const measured = await measureRatio(
        ROUNDS,
        () => vaneSpeed(vane, ids),
        () => peerSpeed(page),
      );
      report(`decode Vane ${weights} / ${peer}, Qwen2.5-Coder-0.5B, wasm`, {
        ratio: measured.ratio,
        'Vane tokens/s': measured.numerator,
        'peer tokens/s': measured.denominator,
        threads: info.threads,
      });
      if (peer === 'transformers.js' && weights === 'q4') expect.soft(measured.ratio.median).toBeGreaterThanOrEqual(1);
      await page.context().close();
      await vane.page.context().close();
    }
    await bench.stop();
  });
}
