import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VaneError } from '../../src/core/errors';
import { ChatTemplate } from '../../src/formats/chat-template';
import { readPeftConfig } from '../../src/formats/peft-config';
import { readSafetensorsHeader } from '../../src/formats/safetensors';
import { readRopeFactors } from '../../src/models/llama/rope-factors';
import { openAdapter } from '../../src/models/open-adapter';
import { openCheckpoint } from '../../src/models/open-checkpoint';
import { f32Bytes, memorySource, safetensors, withHeader } from '../formats/byte-sources';
import { droppedFile, droppedFiles } from '../models/fixture-files';
import { ADAPTER_CONFIG, ggufSample, SAFETENSORS } from './format-samples';

const MODEL = join(import.meta.dirname, '../fixtures/parity/qwen3-tied');
const GGUF = readFileSync(join(import.meta.dirname, '../fixtures/parity/gguf-gemma3/model.gguf'));
const one = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };

/** The error that opening ends in; it must come within seconds, and name a remedy. */
async function errorOf(opening: Promise<unknown>): Promise<string> {
  const started = performance.now();
  const error = await opening.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(error).toBeInstanceOf(VaneError);
  expect((error as VaneError).remedy).not.toBe('');
  return (error as VaneError).message;
}

/** The tiny model's folder with some files replaced or left out. */
function folder(changes: Record<string, Uint8Array | string | null>): File[] {
  const kept = droppedFiles(MODEL, (path) => path.includes('/') || path in changes);
  const changed = Object.entries(changes).flatMap(([path, content]) => (content === null ? [] : [droppedFile(`dropped/${path}`, content)]));
  return [...kept, ...changed];
}

function config(changes: Record<string, unknown>): string {
  return JSON.stringify({ ...(JSON.parse(readFileSync(join(MODEL, 'config.json'), 'utf8')) as object), ...changes });
}

describe('safetensors', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(0), /header of at least 10 bytes, got a file of 0/],
    ['an HTML page', new TextEncoder().encode('<!doctype html><title>x</title>'), /"\{" at byte 8, got an HTML page/],
    [
      'a header of exabytes',
      Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 15, 123, 125),
      /header length at byte 0: expected at most 100000000 bytes, got 1152921504606846975/,
    ],
    ['a header beyond the file', Uint8Array.of(200, 0, 0, 0, 0, 0, 0, 0, 123, 125), /header length at byte 0: expected at most 2 bytes/],
    [
      'a truncated file',
      SAFETENSORS.subarray(0, SAFETENSORS.length - 3),
      /expected an end within 13 bytes of data, got 16|expected an end within/,
    ],
    ['an oversized file', Buffer.concat([SAFETENSORS, new Uint8Array(3)]), /end with the file at byte \d+, got an end at byte/],
    [
      'overlapping tensors',
      withHeader(
        JSON.stringify({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] }, b: { dtype: 'F32', shape: [2], data_offsets: [4, 12] } }),
        new Uint8Array(12),
      ),
      /tensor "b": expected its data at byte \d+, got an overlap/,
    ],
    [
      'a hole between tensors',
      withHeader(JSON.stringify({ a: one, b: { ...one, data_offsets: [8, 12] } }), new Uint8Array(12)),
      /tensor "b".*got a hole/,
    ],
    ['a negative offset', withHeader(JSON.stringify({ a: { ...one, data_offsets: [-4, 0] } })), /field "a.data_offsets"/],
    ['a negative size', withHeader(JSON.stringify({ a: { ...one, shape: [-1] } }), new Uint8Array(4)), /field "a.shape"/],
    ['a textual size', withHeader(JSON.stringify({ a: { ...one, shape: ['many'] } }), new Uint8Array(4)), /field "a.shape"/],
    [
      'a size of exabytes',
      withHeader(JSON.stringify({ a: { ...one, shape: [2 ** 50, 2 ** 50] } }), new Uint8Array(4)),
      /expected .* bytes for F32/,
    ],
    [
      'a tensor twice',
      withHeader(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        new Uint8Array(4),
      ),
      /field "a" at character \d+: expected once, got twice/,
    ],
    ['an unknown type', withHeader(JSON.stringify({ a: { ...one, dtype: 'F12' } }), new Uint8Array(4)), /field "a.dtype": expected one of/],
    ['deep JSON', withHeader(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), /expected at most 64 levels/],
  ])('%s', async (_, bytes, message) => {
    expect(await errorOf(readSafetensorsHeader(memorySource(bytes, 'model.safetensors')))).toMatch(message);
  });
});

describe('a Hugging Face folder', () => {
  it.each<[string, Record<string, Uint8Array | string | null>, RegExp]>([
    ['without a config', { 'config.json': null }, /config\.json: expected it among the dropped files/],
    ['without weights', { 'model.safetensors': null }, /model\.safetensors: expected it among the dropped files/],
    ['without a tokenizer', { 'tokenizer.json': null }, /tokenizer\.json: expected it among/],
    ['with a page as config', { 'config.json': '<!doctype html>' }, /config\.json: expected JSON, got an HTML page/],
    ['of another architecture', { 'config.json': config({ model_type: 'mamba' }) }, /field "model_type": expected one of .*, got "mamba"/],
    ['with an architecture named as a property of objects', { 'config.json': config({ model_type: 'constructor' }) }, /got "constructor"/],
    [
      'with a negative size',
      { 'config.json': config({ hidden_size: -64 }) },
      /field "hidden_size": expected a whole number from 1 to 16384, got -64/,
    ],
    ['with a textual size', { 'config.json': config({ num_hidden_layers: 'two' }) }, /field "num_hidden_layers": .*, got "two"/],
    ['with an absurd size', { 'config.json': config({ vocab_size: 1e15 }) }, /field "vocab_size"/],
    [
      'with heads that do not divide',
      { 'config.json': config({ num_key_value_heads: 3, num_attention_heads: 4 }) },
      /a divisor of the 4 attention heads/,
    ],
    [
      'with unknown rotary scaling',
      { 'config.json': config({ rope_parameters: { rope_type: 'yarn', factor: 4 } }) },
      /rope_parameters\.rope_type.*got "yarn"/,
    ],
    [
      'with quantised weights',
      { 'config.json': config({ quantization_config: { quant_method: 'awq' } }) },
      /field "quantization_config": expected plain weights, got "awq"/,
    ],
    [
      'with a missing tensor',
      { 'model.safetensors': safetensors({ 'model.norm.weight': { dtype: 'F32', shape: [1], bytes: f32Bytes([1]) } }) },
      /tensor "model.embed_tokens.weight": expected \[.*\], got nothing/,
    ],
    [
      'with deep JSON',
      { 'tokenizer_config.json': `${'{"a":'.repeat(500)}1${'}'.repeat(500)}` },
      /tokenizer_config\.json: expected at most 64 levels/,
    ],
    ['with a template that is none', { 'chat_template.jinja': '{% for x in %}' }, /chat_template\.jinja: chat template: expected Jinja/],
    [
      'with an index that leaves the folder',
      { 'model.safetensors.index.json': '{"weight_map":{"a":"../secret.safetensors"}}' },
      /weight_map\.a.*same folder/,
    ],
    [
      'with an index of missing files',
      { 'model.safetensors.index.json': '{"weight_map":{"a":"model-1.safetensors"}}' },
      /model-1\.safetensors: expected it among/,
    ],
  ])('%s', async (_, changes, message) => {
    expect(await errorOf(openCheckpoint(folder(changes)))).toMatch(message);
  });

  it('with wrong shapes, wrong types and extra tensors names the tensor', async () => {
    const bytes = readFileSync(join(MODEL, 'model.safetensors'));
    const rewrite = (change: (header: Record<string, { dtype: string; shape: number[] }>) => void) => {
      const length = Number(bytes.readBigUInt64LE(0));
      const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<string, { dtype: string; shape: number[] }>;
      change(header);
      return withHeader(JSON.stringify(header), bytes.subarray(8 + length));
    };
    const norm = 'model.norm.weight';
    const swapped = rewrite((header) => header[norm]?.shape.push(1));
    expect(await errorOf(openCheckpoint(folder({ 'model.safetensors': swapped })))).toMatch(
      /tensor "model.norm.weight": expected \[\d+\], got \[\d+,1\]/,
    );
    const typed = rewrite((header) => Object.assign(header[norm] ?? {}, { dtype: 'I32' }));
    expect(await errorOf(openCheckpoint(folder({ 'model.safetensors': typed })))).toMatch(
      /tensor "model.norm.weight": expected F32, F16 or BF16, got I32/,
    );
    const renamed = rewrite((header) => {
      header['model.layers.0.self_attn.surprise'] = header[norm] as { dtype: string; shape: number[] };
      delete header[norm];
    });
    expect(await errorOf(openCheckpoint(folder({ 'model.safetensors': renamed })))).toMatch(/tensor "model.norm.weight".*got nothing/);
  });

  it('with NaN weights fails when they are read, naming the tensor; the next good model opens', async () => {
    const bytes = Uint8Array.from(readFileSync(join(MODEL, 'model.safetensors')));
    bytes.fill(255, bytes.length - 4);
    const checkpoint = await openCheckpoint(folder({ 'model.safetensors': bytes }));
    const reading = (async () => {
      for (const { name, shape } of checkpoint.weights.entries())
        await checkpoint.weights.readRows(name, 0, shape.length === 1 ? 1 : (shape[0] as number));
    })();
    expect(await errorOf(reading)).toMatch(/model\.safetensors: tensor ".*", row \d+: expected finite numbers, got NaN/);
    expect((await openCheckpoint(folder({}))).config.family).toBe('qwen3');
  });
});

describe('a chat template', () => {
  it('that counts without end is stopped', () => {
    const template = new ChatTemplate('{% for i in range(1000000000) %}x{% endfor %}', 'chat_template.jinja', {});
    expect(() => template.render([], true)).toThrow(/chat_template\.jinja: .*range\(\) beyond 10000 numbers/);
  });

  it('may count within reason', () => {
    expect(new ChatTemplate('\n{% for i in range(2, 8, 3) %}{{ i }},{% endfor %}', 'chat_template.jinja', {}).render([], true)).toBe(
      '\n2,5,',
    );
  });
});

describe('GGUF', () => {
  const open = (bytes: Uint8Array) => openCheckpoint([droppedFile('m.gguf', bytes)]);
  const changed = (at: number, ...values: number[]) => {
    const bytes = Uint8Array.from(GGUF);
    bytes.set(values, at);
    return bytes;
  };

  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(0), /"GGUF" at byte 0, got a file of 0 bytes/],
    ['an HTML page', new TextEncoder().encode('<!doctype html><html><body>Not found</body></html>'), /got an HTML page/],
    ['a Git LFS pointer', new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\noid sha256:0'), /got a Git LFS pointer/],
    ['version 1', changed(4, 1), /version at byte 4: expected 2 or 3, got version 1/],
    ['a big-endian file', changed(4, 0, 0, 0, 3), /got a big-endian file/],
    ['exabytes of tensors', changed(8, 255, 255, 255, 255, 255, 255, 255, 15), /tensor count at byte 8: expected at most 20000/],
    ['exabytes of metadata', changed(16, 255, 255, 255, 255, 255, 255, 255, 15), /metadata count at byte 16: expected at most 10000/],
    [
      'more tensors than the file holds',
      changed(8, 0, 64),
      /tensor count at byte 8: expected what the file's \d+ bytes can hold|metadata|expected/,
    ],
    ['a key of exabytes', changed(24, 255, 255, 255, 255, 255, 255, 255, 15), /metadata key at byte 24: expected at most 1024 bytes/],
    ['a truncated header', GGUF.subarray(0, 2_000), /the file's 2000 bytes can hold|end of the file at byte 2000/],
    ['truncated data', GGUF.subarray(0, GGUF.length - 100), /end of the file/],
    ['an oversized file', Buffer.concat([GGUF, new Uint8Array(4_096)]), /end with the file at byte/],
    [
      'an architecture that is not listed',
      changed(GGUF.indexOf('gemma3'), ...new TextEncoder().encode('gemmaX')),
      /general\.architecture.*got "gemmaX"/,
    ],
    ['metadata alone', ggufSample(), /field "|tensor "/],
  ])('%s', async (_, bytes, message) => {
    expect(await errorOf(open(bytes))).toMatch(message);
  });

  it('refuses rotary factors that are not those of Llama 3', () => {
    const factors = Float32Array.from({ length: 32 }, (_, index) => 1 + index);
    expect(() => readRopeFactors(factors, 500_000, 'm.gguf: tensor "rope_freqs.weight"')).toThrow(
      /rope_freqs\.weight"\[\d+\]: expected .* as in Llama 3/,
    );
  });
});

describe('adapters', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['DoRA', { use_dora: true }, /field "use_dora": expected none, got DoRA/],
    ['another PEFT type', { peft_type: 'IA3' }, /field "peft_type": expected LORA, got "IA3"/],
    ['modules trained whole', { modules_to_save: ['lm_head'] }, /got modules trained whole/],
    ['trained embeddings', { trainable_token_indices: [1] }, /got trained embeddings/],
    ['trained biases', { bias: 'all' }, /field "bias": expected none, got "all"/],
    ['an initialisation that changes the base', { init_lora_weights: 'pissa_niter_4' }, /got "pissa_niter_4"/],
    ['a negative rank', { r: -1 }, /field "r": expected a whole number from 1/],
    ['no modules', { target_modules: null }, /field "target_modules": expected module names or a pattern/],
  ])('with %s are refused by name', (_, change, message) => {
    expect(() => readPeftConfig({ ...ADAPTER_CONFIG, ...change }, 'adapter_config.json')).toThrow(message);
  });

  it('with a pattern that would take a regular expression engine for ever are read at once', () => {
    const config = readPeftConfig({ ...ADAPTER_CONFIG, target_modules: '((a|.)+)+$x', layers_to_transform: null }, 'adapter_config.json');
    const started = performance.now();
    expect(config.targets(`model.layers.0.${'a'.repeat(60)}`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('for another model name tensor and both shapes', async () => {
    const { config } = await openCheckpoint(folder({}));
    const adapter = droppedFiles(join(MODEL, 'adapters/rslora'));
    expect((await openAdapter(adapter, config)).modules.length).toBe(7 * config.nLayers);
    expect(await errorOf(openAdapter(adapter, { ...config, dMlp: config.dMlp + 8 }))).toMatch(
      /adapter_model\.safetensors: tensor ".*": expected \[.*\], got \[.*\]\..*another model/,
    );
    expect(await errorOf(openAdapter(adapter, { ...config, nLayers: 1 }))).toMatch(/expected a block below 1, got block/);
    expect(await errorOf(openAdapter(adapter, { ...config, nLayers: config.nLayers + 1 }))).toMatch(
      /as adapter_config.json targets it, got nothing/,
    );
  });
});
