import { join } from 'node:path';
import { type ReferenceTensor, readReference, relativeError, withoutPads } from '../parity/support/compare';
import { droppedFolder, expect, FIXTURE_FOLDER, readCases, startHost, test } from '../parity/support/fixtures';
import type { TestSource } from '../parity/support/in-page';
import type { VanePage } from '../parity/support/vane-page';
import {
  type Folder,
  GOOD,
  goodAdapter,
  goodFolder,
  goodGguf,
  joinSafetensors,
  patched,
  splitSafetensors,
  toDropped,
  uint64,
  withHeader,
  withJson,
} from './engine-files';

const EMBEDDING = 'model.embed_tokens.weight';
const DOWN = 'model.layers.1.mlp.down_proj.weight';
const LIMIT_MS = 10_000;
const ERROR_CLASSES = /^(FormatError|LimitError|UnsupportedError|MismatchError|SourceError|ArgumentError)$/;
const cases = readCases(GOOD);

/** What is broken, and what the message must name. */
interface Hostile {
  name: string;
  folder: () => Folder;
  names: RegExp[];
}

/** A folder with f32 `value` written into the first element of `tensor`. */
function withValue(folder: Folder, tensor: string, value: number, file = 'model.safetensors'): Folder {
  const bytes = folder[file] ?? Buffer.alloc(0);
  const { header, data } = splitSafetensors(bytes);
  const cell = Buffer.alloc(4);
  cell.writeFloatLE(value);
  return { ...folder, [file]: joinSafetensors(JSON.stringify(header), patched(data, header[tensor]?.data_offsets[0] ?? 0, cell)) };
}

function without(folder: Folder, ...names: string[]): Folder {
  return Object.fromEntries(Object.entries(folder).filter(([name]) => !names.includes(name)));
}

const weights = () => goodFolder()['model.safetensors'] as Buffer;
const gguf = () => goodGguf()['model.gguf'] as Buffer;
const config = (change: (json: Record<string, unknown>) => void) => () => withJson(goodFolder(), 'config.json', change);
const header = (change: Parameters<typeof withHeader>[1]) => () => withHeader(goodFolder(), change);
const file = (name: string, bytes: () => Buffer) => () => ({ ...goodFolder(), [name]: bytes() });

const CHECKPOINTS: Hostile[] = [
  { name: 'truncated weights', folder: file('model.safetensors', () => weights().subarray(0, 100_000)), names: [/model\.safetensors/] },
  {
    name: 'weights cut inside the header',
    folder: file('model.safetensors', () => weights().subarray(0, 100)),
    names: [/model\.safetensors/],
  },
  { name: 'empty weights', folder: file('model.safetensors', () => Buffer.alloc(0)), names: [/model\.safetensors/] },
  {
    name: 'a header of exabytes',
    folder: file('model.safetensors', () => patched(weights(), 0, uint64(2n ** 62n))),
    names: [/model\.safetensors/, /header/i],
  },
  {
    name: 'a header larger than the file',
    folder: file('model.safetensors', () => patched(weights(), 0, uint64(90_000_000n))),
    names: [/model\.safetensors/, /header/i],
  },
  {
    name: 'HTML instead of weights',
    folder: file('model.safetensors', () => Buffer.from('<!doctype html><title>Sign in</title>'.padEnd(4000))),
    names: [/model\.safetensors/],
  },
  {
    name: 'overlapping tensors',
    folder: header((h) => {
      h[DOWN] = { ...(h[EMBEDDING] as Required<typeof h>[string]), shape: h[DOWN]?.shape ?? [] };
    }),
    names: [/model\.safetensors/],
  },
  {
    name: 'offsets beyond the file',
    folder: header((h) => {
      for (const entry of [h[DOWN]]) if (entry) entry.data_offsets = [4_000_000_000, 4_000_015_360];
    }),
    names: [/model\.safetensors/, /down_proj/],
  },
  {
    name: 'negative offsets',
    folder: header((h) => {
      for (const entry of [h[DOWN]]) if (entry) entry.data_offsets = [-15_360, 0];
    }),
    names: [/model\.safetensors/, /down_proj/],
  },
  {
    name: 'a negative shape',
    folder: header((h) => {
      for (const entry of [h[DOWN]]) if (entry) entry.shape = [-48, -80];
    }),
    names: [/model\.safetensors/, /down_proj/],
  },
  {
    name: 'an absurd shape',
    folder: header((h) => {
      for (const entry of [h[DOWN]]) if (entry) entry.shape = [2 ** 53, 2 ** 53];
    }),
    names: [/model\.safetensors/, /down_proj/],
  },
  {
    name: 'a shape that is not its size',
    folder: header((h) => {
      for (const entry of [h[DOWN]]) if (entry) entry.shape = [48, 81];
    }),
    names: [/model\.safetensors/, /down_proj/],
  },
  {
    name: 'a transposed tensor',
    folder: header((h) => {
      for (const entry of [h[DOWN]]) if (entry) entry.shape = [80, 48];
    }),
    names: [/down_proj/, /48,\s?80/],
  },
  {
    name: 'an unknown dtype',
    folder: header((h) => {
      for (const entry of [h[DOWN]]) if (entry) entry.dtype = 'Q99';
    }),
    names: [/model\.safetensors/, /down_proj|dtype|Q99/],
  },
  {
    name: 'integers instead of weights',
    folder: header((h) => {
      for (const entry of [h[DOWN]]) if (entry) entry.dtype = 'I32';
    }),
    names: [/down_proj/, /I32/],
  },
  {
    name: 'a missing tensor',
    folder: header((h) => {
      delete h[DOWN];
    }),
    names: [/down_proj|model\.safetensors/],
  },
  {
    name: 'a block too many',
    folder: header((h) => {
      h['model.layers.9.mlp.down_proj.weight'] = h[DOWN] as Required<typeof h>[string];
      delete h[DOWN];
    }),
    names: [/layers\.9|down_proj/],
  },
  {
    name: 'a tensor named twice',
    folder: file('model.safetensors', () => {
      const { header: h, data } = splitSafetensors(weights());
      const twice = `,${JSON.stringify(DOWN)}:${JSON.stringify(h[EMBEDDING])}}`;
      return joinSafetensors(`${JSON.stringify(h).slice(0, -1)}${twice}`, data);
    }),
    names: [/model\.safetensors/, /down_proj/],
  },
  { name: 'NaN among the weights', folder: () => withValue(goodFolder(), DOWN, Number.NaN), names: [/down_proj/, /NaN|finite/i] },
  {
    name: 'infinity in the embedding',
    folder: () => withValue(goodFolder(), EMBEDDING, Number.POSITIVE_INFINITY),
    names: [/embed_tokens/, /inf|finite/i],
  },
  { name: 'NaN in a norm', folder: () => withValue(goodFolder(), 'model.norm.weight', Number.NaN), names: [/model\.norm/, /NaN|finite/i] },
  { name: 'no config', folder: () => without(goodFolder(), 'config.json'), names: [/config\.json/] },
  { name: 'no weights', folder: () => without(goodFolder(), 'model.safetensors'), names: [/model\.safetensors/] },
  { name: 'no tokenizer', folder: () => without(goodFolder(), 'tokenizer.json'), names: [/tokenizer\.json/] },
  {
    name: 'HTML instead of a config',
    folder: file('config.json', () => Buffer.from('<!doctype html><title>404</title>')),
    names: [/config\.json/],
  },
  {
    name: 'HTML instead of a tokenizer',
    folder: file('tokenizer.json', () => Buffer.from('<!doctype html><title>404</title>')),
    names: [/tokenizer\.json/],
  },
  {
    name: 'a deep config',
    folder: file('config.json', () => Buffer.from(`${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`)),
    names: [/config\.json/],
  },
  { name: 'a config that is a list', folder: file('config.json', () => Buffer.from('[1,2,3]')), names: [/config\.json/] },
  {
    name: 'an unknown architecture',
    folder: config((c) => {
      c.model_type = 'mamba2';
      c.architectures = ['Mamba2ForCausalLM'];
    }),
    names: [/mamba2/i],
  },
  {
    name: 'no architecture',
    folder: config((c) => {
      delete c.model_type;
      delete c.architectures;
    }),
    names: [/config\.json/, /model_type/],
  },
  {
    name: 'a negative width',
    folder: config((c) => {
      c.hidden_size = -48;
    }),
    names: [/config\.json/, /hidden_size/, /-48/],
  },
  {
    name: 'a textual width',
    folder: config((c) => {
      c.hidden_size = '48';
    }),
    names: [/config\.json/, /hidden_size/],
  },
  {
    name: 'a fractional width',
    folder: config((c) => {
      c.hidden_size = 48.5;
    }),
    names: [/config\.json/, /hidden_size/],
  },
  {
    name: 'an absurd width',
    folder: config((c) => {
      c.hidden_size = 1e12;
    }),
    names: [/config\.json/, /hidden_size/],
  },
  {
    name: 'no blocks',
    folder: config((c) => {
      c.num_hidden_layers = 0;
      c.layer_types = [];
    }),
    names: [/config\.json/, /num_hidden_layers/],
  },
  {
    name: 'an absurd block count',
    folder: config((c) => {
      c.num_hidden_layers = 1e9;
      delete c.layer_types;
    }),
    names: [/config\.json/, /num_hidden_layers/],
  },
  {
    name: 'more blocks than layer kinds',
    folder: config((c) => {
      c.num_hidden_layers = 4;
    }),
    names: [/layer_types|layers\.3/],
  },
  {
    name: 'KV heads that do not divide the heads',
    folder: config((c) => {
      c.num_key_value_heads = 2;
    }),
    names: [/num_key_value_heads|k_proj/],
  },
  {
    name: 'an odd head size',
    folder: config((c) => {
      c.head_dim = 23;
    }),
    names: [/head_dim|q_proj/],
  },
  {
    name: 'an absurd vocabulary',
    folder: config((c) => {
      c.vocab_size = 4e9;
    }),
    names: [/config\.json/, /vocab_size/],
  },
  {
    name: 'a NaN epsilon',
    folder: config((c) => {
      c.rms_norm_eps = 'NaN';
    }),
    names: [/config\.json/, /rms_norm_eps/],
  },
  {
    name: 'an unknown rope kind',
    folder: config((c) => {
      c.rope_parameters = { rope_type: 'yarn', rope_theta: 1e4, factor: 4 };
    }),
    names: [/rope/, /yarn/],
  },
  {
    name: 'an unknown activation',
    folder: config((c) => {
      c.hidden_act = 'relu6';
    }),
    names: [/hidden_act/, /relu6/],
  },
  {
    name: 'quantised elsewhere',
    folder: config((c) => {
      c.quantization_config = { quant_method: 'gptq', bits: 4 };
    }),
    names: [/quantization_config|gptq/],
  },
];

const GGUFS: Hostile[] = [
  { name: 'no magic', folder: () => ({ 'model.gguf': patched(gguf(), 0, Buffer.from('FUGG')) }), names: [/model\.gguf/, /magic|GGUF/] },
  {
    name: 'version 99',
    folder: () => ({ 'model.gguf': patched(gguf(), 4, Buffer.from([99, 0, 0, 0])) }),
    names: [/model\.gguf/, /version/, /99/],
  },
  {
    name: 'exabytes of tensors',
    folder: () => ({ 'model.gguf': patched(gguf(), 8, uint64(2n ** 60n)) }),
    names: [/model\.gguf/, /tensor/i],
  },
  { name: 'exabytes of metadata', folder: () => ({ 'model.gguf': patched(gguf(), 16, uint64(2n ** 60n)) }), names: [/model\.gguf/] },
  { name: 'a key of exabytes', folder: () => ({ 'model.gguf': patched(gguf(), 24, uint64(2n ** 60n)) }), names: [/model\.gguf/] },
  { name: 'a truncated file', folder: () => ({ 'model.gguf': gguf().subarray(0, gguf().length - 20_000) }), names: [/model\.gguf/] },
  { name: 'a file cut in its header', folder: () => ({ 'model.gguf': gguf().subarray(0, 500) }), names: [/model\.gguf/] },
  { name: 'HTML', folder: () => ({ 'model.gguf': Buffer.from('<!doctype html><title>Sign in</title>') }), names: [/model\.gguf/] },
  {
    name: 'an unknown architecture',
    folder: () => {
      const bytes = gguf();
      const at = bytes.indexOf('gemma3', bytes.indexOf('general.architecture'));
      return { 'model.gguf': patched(bytes, at, Buffer.from('zamba9')) };
    },
    names: [/model\.gguf/, /zamba9/],
  },
];

const adapter = (change: (json: Record<string, unknown>) => void) => () => withJson(goodAdapter(), 'adapter_config.json', change);
const ADAPTERS: Hostile[] = [
  { name: 'for another model', folder: () => goodAdapter('llama-linear', 'rslora'), names: [/layers\.|proj|blocks\./] },
  {
    name: 'DoRA',
    folder: adapter((c) => {
      c.use_dora = true;
    }),
    names: [/adapter_config\.json/, /dora/i],
  },
  {
    name: 'trained embeddings',
    folder: adapter((c) => {
      c.modules_to_save = ['embed_tokens'];
    }),
    names: [/modules_to_save/],
  },
  {
    name: 'another method',
    folder: adapter((c) => {
      c.peft_type = 'IA3';
    }),
    names: [/peft_type|IA3/],
  },
  {
    name: 'rank 0',
    folder: adapter((c) => {
      c.r = 0;
    }),
    names: [/adapter_config\.json|\br\b/],
  },
  {
    name: 'a negative rank',
    folder: adapter((c) => {
      c.r = -4;
    }),
    names: [/adapter_config\.json/],
  },
  {
    name: 'another rank than its tensors',
    folder: adapter((c) => {
      c.r = 3;
    }),
    names: [/lora_|rank/],
  },
  {
    name: 'an unknown module',
    folder: adapter((c) => {
      c.target_modules = ['router'];
    }),
    names: [/router|target_modules|down_proj/],
  },
  { name: 'no tensors', folder: () => without(goodAdapter(), 'adapter_model.safetensors'), names: [/adapter_model/] },
  { name: 'no config', folder: () => without(goodAdapter(), 'adapter_config.json'), names: [/adapter_config\.json/] },
  {
    name: 'half of a pair',
    folder: () =>
      withHeader(
        goodAdapter(),
        (h) => {
          for (const name of Object.keys(h)) if (name.includes('lora_B')) delete h[name];
        },
        'adapter_model.safetensors',
      ),
    names: [/lora_B|down_proj|adapter_model/],
  },
  {
    name: 'NaN',
    folder: () =>
      withValue(goodAdapter(), 'base_model.model.model.layers.1.mlp.down_proj.lora_A.weight', Number.NaN, 'adapter_model.safetensors'),
    names: [/lora_A|down_proj/, /NaN|finite/i],
  },
];

/** One error of a known class that names what it must, has a remedy, and came in time. */
async function expectRefused(vane: VanePage, hostile: Hostile, call: () => Promise<unknown>): Promise<void> {
  const error = await vane.errorOf(call);
  expect.soft(error.name, `${hostile.name}: ${error.message}`).toMatch(ERROR_CLASSES);
  for (const pattern of hostile.names) expect.soft(error.message, hostile.name).toMatch(pattern);
  expect.soft(error.remedy, `${hostile.name}: remedy of "${error.message}"`).toMatch(/\w+.*\.$/);
  expect.soft(error.message.length, hostile.name).toBeLessThan(700);
  expect.soft(error.ms, hostile.name).toBeLessThan(LIMIT_MS);
}

async function expectGoodModelLoads(vane: VanePage, origin: string, backend: 'wasm' | 'webgpu'): Promise<void> {
  await vane.load('good', { source: droppedFolder(GOOD, origin), backend, weights: 'f32' });
  const answer = await vane.forward('good', cases.rows, { logits: 'all' });
  const expected = readReference(join(FIXTURE_FOLDER, GOOD, 'reference.safetensors')).get('base/logits') as ReferenceTensor;
  expect(relativeError(withoutPads(answer.logits as ReferenceTensor, answer.lengths), expected.data)).toBeLessThanOrEqual(1e-5);
  await vane.dispose('good');
}

for (const [kind, hostiles] of [
  ['checkpoint', CHECKPOINTS],
  ['GGUF', GGUFS],
] as const) {
  test(`each broken ${kind} gives one error, and the next good model loads`, async ({ vane, host, backend }) => {
    test.setTimeout(120_000);
    for (const hostile of hostiles) {
      await expectRefused(vane, hostile, () => vane.load('bad', { source: toDropped(hostile.folder()), backend, weights: 'f32' }));
    }
    await expectGoodModelLoads(vane, host.origin, backend);
  });
}

test('each adapter that does not fit gives one error, and the model still answers', async ({ vane, host, backend }) => {
  for (const hostile of ADAPTERS) {
    const adapters = [{ name: 'a', source: toDropped(hostile.folder()) }];
    await expectRefused(vane, hostile, () =>
      vane.load('bad', { source: droppedFolder(GOOD, host.origin), backend, weights: 'f32', adapters }),
    );
  }
  await expectGoodModelLoads(vane, host.origin, backend);
});

test('addresses that hold no model', async ({ vane, host, backend }) => {
  const plain = await startHost({ ranges: false });
  const sources: Array<[string, TestSource, RegExp]> = [
    ['a folder that is not there', `${host.origin}/fixtures/nothing/`, /config\.json|404/],
    ['a GGUF that is not there', `${host.origin}/fixtures/nothing/model.gguf`, /model\.gguf|404/],
    ['a page instead of a model', `${host.origin}/lab/vane/index.html`, /index\.html|config\.json|404/],
    ['nobody at the address', 'http://localhost:9/model.gguf', /localhost:9/],
    ['no address', 'not a source', /not( |%20)a( |%20)source/],
    ['no files', [], /file/i],
  ];
  for (const [name, source, pattern] of sources) {
    await expectRefused(vane, { name, folder: () => ({}), names: [pattern] }, () => vane.load('bad', { source, backend, weights: 'f32' }));
  }
  await plain.stop();
});

test('arguments outside their domain are refused by name', async ({ vane, host, backend }) => {
  await vane.load('m', { source: droppedFolder(GOOD, host.origin), backend, weights: 'f32' });
  const row = cases.rows[0] ?? [];
  const direction = Array.from({ length: 48 }, (_, i) => i - 20);
  const steer = { direction, operation: 'steer' as const, hookPoints: 'blocks.1.hook_resid_post', coefficient: 1 };
  const forwards: Array<[string, number[][], Parameters<VanePage['forward']>[2], RegExp]> = [
    ['no rows', [], {}, /row|ids/i],
    ['an empty row', [[]], {}, /row|ids|token/i],
    ['an id beyond the vocabulary', [[1, 999_999]], {}, /999999/],
    ['a negative id', [[-1]], {}, /-1/],
    ['a fraction', [[1.5]], {}, /1\.5/],
    ['more tokens than the context', [Array.from({ length: 300 }, () => 1)], {}, /256|300/],
    ['an unknown hook point', [row], { hookPoints: ['blocks.1.hook_q'] }, /hook_q/],
    ['a block too many', [row], { hookPoints: ['blocks.3.hook_resid_post'] }, /3/],
    ['a short direction', [row], { interventions: [{ ...steer, direction: [1, 2, 3] }] }, /3|48/],
    ['a NaN direction', [row], { interventions: [{ ...steer, direction: direction.map(() => Number.NaN) }] }, /direction/],
    ['a zero direction', [row], { interventions: [{ ...steer, operation: 'ablate', direction: direction.map(() => 0) }] }, /direction/],
    ['a NaN coefficient', [row], { interventions: [{ ...steer, coefficient: Number.NaN }] }, /coefficient/],
    ['an edit of the final norm', [row], { interventions: [{ ...steer, hookPoints: 'ln_final.hook_normalized' }] }, /ln_final/],
    ['an adapter that is not loaded', [row], { adapterScales: { nobody: 1 } }, /nobody/],
  ];
  for (const [name, ids, options, pattern] of forwards) {
    await expectRefused(vane, { name, folder: () => ({}), names: [pattern] }, () => vane.forward('m', ids, options));
  }
  await vane.dispose('m');
  await expectGoodModelLoads(vane, host.origin, backend);
});
