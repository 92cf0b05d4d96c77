import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, type Page, test } from '@playwright/test';
import type { EngineRequests, GenerateRequest, ScoreAnswersRequest } from '../../src/engine/api';
import { appUrl, ROOT } from '../parity/support/fixtures';
import { BenchHost } from './bench-page';
import { measureRatio, report } from './ratio';

const ROUNDS = 9;
const CONDITION = 'base + steering';
const ANSWERS = 32;
const LEAN_BOUND_MS = 150;
const JUDGED_BOUND_MS = 3_000;
const RATIO_BOUND = 2;
/** The page measures its link 1.5 s after a change; nothing of it may run beside the other side. */
const QUIET_MS = 2_500;

interface Recorded {
  score: { params: ScoreAnswersRequest; result: EngineRequests['scoreAnswers']['result'] };
  generate: { params: GenerateRequest; result: EngineRequests['generate']['result'] };
  norms: Record<string, number>;
}

/** Keeps what the page last asked its engine and got, as plain numbers, so that the other side can be asked the same. */
function recordEngineCalls(): void {
  const recorded: Record<string, { params: unknown; result: unknown }> = {};
  const names = new Map<number, { name: string; params: unknown }>();
  const watched = new WeakSet<Worker>();
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (this: Worker, message: unknown, options?: StructuredSerializeOptions | Transferable[]) {
    const call = message as { kind?: string; id: number; name: string; params: unknown };
    if (!watched.has(this)) {
      watched.add(this);
      this.addEventListener('message', ({ data }) => {
        const asked = names.get(data.id);
        if (data.kind !== 'result' || !asked) return;
        names.delete(data.id);
        const before = asked.name === 'residualNorms' ? (recorded.residualNorms?.result as object) : {};
        if (['scoreAnswers', 'generate', 'residualNorms'].includes(asked.name))
          recorded[asked.name] = { params: asked.params, result: Array.isArray(data.result) ? data.result : { ...before, ...data.result } };
      });
    }
    if (call.kind === 'call') names.set(call.id, { name: call.name, params: call.params });
    return Reflect.apply(post, this, options === undefined ? [message] : [message, options]);
  };
  Object.assign(window, { recordedCalls: recorded });
}

async function recordedCalls(page: Page): Promise<Recorded> {
  const text = await page.evaluate(() => {
    const { recordedCalls: calls } = window as unknown as { recordedCalls: Record<string, unknown> };
    const plain = (_: string, value: unknown) => (ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value);
    return JSON.stringify(calls, plain);
  });
  const calls = JSON.parse(text);
  return { score: calls.scoreAnswers, generate: calls.generate, norms: calls.residualNorms.result };
}

/** Waits until every answer on screen is of the present setting and scored, and nothing runs. */
async function settled(page: Page): Promise<void> {
  const busy = async () =>
    (await page.evaluate(() => window.vane.results().filter(({ stale, scores }) => stale || scores === null).length)) +
    (await page.getByRole('button', { name: 'Cancel', exact: true }).count());
  // The start-up's steps follow one another with short gaps.
  for (let quiet = 0; quiet < 4; quiet++) {
    await expect.poll(busy, { timeout: 120_000, intervals: [300] }).toBe(0);
    await page.waitForTimeout(500);
  }
}

/** Moves the slider by one key and times, from the key on, the changed figure on screen and the last judged answer. */
async function moveSlider(page: Page, key: string): Promise<{ leanMs: number; judgedMs: number }> {
  const slider = page.getByRole('slider', { name: /Steering coefficient/ });
  await slider.focus();
  const timed = page.evaluateHandle(
    ({ condition, answers }) => {
      const line = [...document.querySelectorAll('.lean-line b')][0] as HTMLElement;
      const before = line.textContent;
      const times = { start: 0, lean: 0, judged: 0 };
      window.addEventListener('keydown', () => (times.start = performance.now()), { once: true, capture: true });
      const finished = new Promise<typeof times>((resolve) => {
        const look = () => {
          if (times.start > 0 && times.lean === 0 && line.textContent !== before) times.lean = performance.now();
          if (times.lean > 0) {
            const rows = window.vane.results().filter((row) => row.condition === condition && !row.stale && row.scores !== null);
            if (rows.length === answers) times.judged = performance.now();
          }
          if (times.judged > 0) resolve(times);
          else setTimeout(look, 4);
        };
        look();
      });
      return { finished };
    },
    { condition: CONDITION, answers: ANSWERS },
  );
  const handle = await timed;
  await page.keyboard.press(key);
  const times = await handle.evaluate(({ finished }) => finished);
  await page.waitForTimeout(QUIET_MS);
  return { leanMs: times.lean - times.start, judgedMs: times.judged - times.start };
}

/** The same work in Python: a process that answers one line of JSON with one. */
class Reference {
  private readonly lines: AsyncIterableIterator<string>;

  private constructor(private readonly child: ChildProcess) {
    if (!child.stdout) throw new Error('reference: expected its output, got none.');
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  static start(): Reference {
    const organism = join(ROOT, 'public', 'models', 'organism');
    const script = join(ROOT, 'tests', 'bench', 'live_reference.py');
    const python = process.env.VANE_PYTHON ?? 'python3';
    return new Reference(
      spawn(python, [script, join(organism, 'base'), join(organism, 'adapters')], { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
  }

  async ask(request: Record<string, unknown>): Promise<{ ms: number; logProbs?: number[]; projections?: number[]; verdicts?: string[] }> {
    this.child.stdin?.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error('reference: expected an answer, got none. VANE_PYTHON names a Python with torch, transformers and peft.');
    return JSON.parse(value);
  }

  async stop(): Promise<void> {
    this.child.stdin?.end();
    await once(this.child, 'exit');
  }
}

/** The engine's interventions as the reference takes them: one block each, the length in the residual's own units. */
function referenceEdits({ params }: Recorded['generate'], norms: Record<string, number>) {
  return (params.interventions ?? []).map(({ direction, operation, hookPoints, coefficient = 0, unit, tokens = 'all' }) => {
    const hookPoint = String(hookPoints);
    const values = direction as unknown as number[];
    const scale = unit === 'residNorm' ? (norms[hookPoint] ?? Number.NaN) : Math.hypot(...values);
    return { direction: values, operation, block: Number(/^blocks\.(\d+)\./.exec(hookPoint)?.[1]), tokens, length: coefficient * scale };
  });
}

/** Where the page reads each token's projection, as the reference takes it. */
function referenceProbes({ params }: Recorded['generate']) {
  return (params.probes ?? []).flatMap(({ hookPoint, values }) => {
    const block = /^blocks\.(\d+)\.hook_resid_post$/.exec(hookPoint)?.[1];
    return block === undefined ? [] : [{ block: Number(block), direction: values as unknown as number[] }];
  });
}

test('the slider: instant figure and 32 judged answers, against the same work in transformers', async () => {
  const bench = await BenchHost.start();
  const page = await (await bench.browser.newContext({ viewport: { width: 1280, height: 720 } })).newPage();
  await page.addInitScript(recordEngineCalls);
  await page.goto(`${appUrl(bench.host)}?backend=wasm`);
  await page.evaluate(() => window.vane.ready);
  await settled(page);

  // The page stands between two settings; each move goes to the other one.
  let moves = 0;
  const move = () => moveSlider(page, moves++ % 2 ? 'Shift+ArrowRight' : 'Shift+ArrowLeft');
  await move();
  const { score, generate, norms } = await recordedCalls(page);
  const reference = Reference.start();
  const probes = referenceProbes(generate);
  await reference.ask({ kind: 'prepare', scales: generate.params.adapterScales ?? {}, edits: referenceEdits(generate, norms), probes });
  const { rows } = score.params;
  const samples = generate.params.n ?? 1;
  const questions = await page.evaluate(() => window.vane.document.questions.items.map(({ text }) => text));
  const answer = {
    kind: 'answer',
    prompts: generate.params.prompts.flatMap((prompt) => Array<number[]>(samples).fill(prompt)),
    questions: questions.flatMap((question) => Array<string>(samples).fill(question)),
    rows,
    lengths: generate.result.map(({ ids }) => ids.length + 1),
    temperature: generate.params.temperature,
  };
  const { logProbs = [] } = await reference.ask({ kind: 'score', rows });
  const difference = Math.max(...score.result.map(({ logProb }, row) => Math.abs(logProb - (logProbs[row] ?? Number.NaN))));
  expect(difference, 'both sides score the same rows under the same edit, nat').toBeLessThan(1e-3);

  const judgedThere = await reference.ask(answer);
  expect(judgedThere.verdicts?.length, 'answers that the other side judges').toBe(ANSWERS);
  expect(judgedThere.projections, 'tokens and blocks that it reads').toEqual([
    ANSWERS,
    Math.max(...generate.result.map(({ ids }) => ids.length)),
    probes.length,
  ]);

  const lean = await measureRatio(
    ROUNDS,
    async () => (await reference.ask({ kind: 'score', rows })).ms,
    async () => (await move()).leanMs,
  );
  const judged = await measureRatio(
    ROUNDS,
    async () => (await reference.ask(answer)).ms,
    async () => (await move()).judgedMs,
  );
  report('live: instant figure after a move of the slider, embedded organism, wasm', {
    'page ms': lean.denominator,
    'transformers ms': lean.numerator,
    ratio: lean.ratio,
    rows: rows.length,
    'largest difference of a log-probability': difference.toExponential(1),
    bound: `${LEAN_BOUND_MS} ms, ratio ${RATIO_BOUND}`,
  });
  report('live: 32 judged answers after a move of the slider, embedded organism, wasm', {
    'page ms': judged.denominator,
    'transformers ms': judged.numerator,
    ratio: judged.ratio,
    'projections a token': probes.length,
    tokens: generate.result.reduce((sum, { ids }) => sum + ids.length, 0),
    bound: `${JUDGED_BOUND_MS} ms, ratio ${RATIO_BOUND}`,
  });
  await reference.stop();
  await bench.stop();
  expect.soft(generate.result.length).toBe(ANSWERS);
  expect.soft(lean.denominator.median, 'instant figure, ms').toBeLessThanOrEqual(LEAN_BOUND_MS);
  expect.soft(judged.denominator.median, 'judged answers, ms').toBeLessThanOrEqual(JUDGED_BOUND_MS);
  expect.soft(judged.ratio.median, 'judged answers, transformers / page').toBeGreaterThanOrEqual(RATIO_BOUND);
});
