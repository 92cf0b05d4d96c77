import fc from 'fast-check';
import { describe, it } from 'vitest';
import { ChatTemplate } from '../../src/formats/chat-template';
import { parseGgufHeader } from '../../src/formats/gguf-header';
import { placeGgufTensors } from '../../src/formats/gguf-tensors';
import { readGgufTokenizer } from '../../src/formats/gguf-tokenizer';
import { HuggingFaceTokenizer } from '../../src/formats/hugging-face-tokenizer';
import { Fields, parseJson } from '../../src/formats/json-fields';
import { fullMatch, PatternSyntaxError } from '../../src/formats/pattern-matcher';
import { readPeftConfig } from '../../src/formats/peft-config';
import { readSafetensorsHeader } from '../../src/formats/safetensors';
import { readTokenizerJson } from '../../src/formats/tokenizer-json';
import { readModelConfig } from '../../src/models/family-configs';
import { ggufFamily } from '../../src/models/gguf-configs';
import { expectedTensors } from '../../src/models/weight-check';
import { memorySource } from '../formats/byte-sources';
import { byteEdits, edited, editedValue, FUZZ_RUNS, onlyVaneErrors, valueEdits } from './format-mutations';
import { ADAPTER_CONFIG, CONFIGS, GGUF_TOKENIZER, ggufSample, SAFETENSORS, TOKENIZER } from './format-samples';

const OPTIONS = { numRuns: FUZZ_RUNS, seed: 20_261_121, endOnFailure: true };
const TIMEOUT_MS = 120_000 + FUZZ_RUNS * 5;
const GGUF = ggufSample();
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

describe(`${FUZZ_RUNS} mutations leave only errors with a remedy`, () => {
  it(
    'safetensors header',
    () =>
      fc.assert(
        fc.asyncProperty(byteEdits, (edits) => onlyVaneErrors(() => readSafetensorsHeader(memorySource(edited(SAFETENSORS, edits))))),
        OPTIONS,
      ),
    TIMEOUT_MS,
  );

  it(
    'GGUF header and tensor table',
    () =>
      fc.assert(
        fc.asyncProperty(byteEdits, (edits) =>
          onlyVaneErrors(() => {
            const bytes = edited(GGUF, edits);
            const header = parseGgufHeader(bytes, bytes.length, 'm.gguf');
            if (header === 'more') throw new Error('asked for more than the file has');
            placeGgufTensors(header, bytes.length, 'm.gguf');
            const metadata = new Fields(Object.fromEntries(Array.from(header.metadata, ([key, { value }]) => [key, value])), 'm.gguf');
            ggufFamily(metadata).readConfig(metadata, { vocabSize: 3, tiedHead: true, has: () => false });
          }),
        ),
        OPTIONS,
      ),
    TIMEOUT_MS,
  );

  it.each(CONFIGS.map((config) => [config.model_type, config] as const))(
    'config.json of %s',
    (_, config) =>
      fc.assert(
        fc.asyncProperty(valueEdits, (edits) =>
          onlyVaneErrors(() => {
            expectedTensors(readModelConfig(editedValue(config, edits), 'config.json'));
          }),
        ),
        { ...OPTIONS, numRuns: Math.ceil(FUZZ_RUNS / CONFIGS.length) },
      ),
    TIMEOUT_MS,
  );

  it(
    'JSON text',
    () =>
      fc.assert(
        fc.asyncProperty(byteEdits, (edits) =>
          onlyVaneErrors(() => readModelConfig(parseJson(edited(encode(CONFIGS[1]), edits), 'config.json', 10_000), 'config.json')),
        ),
        OPTIONS,
      ),
    TIMEOUT_MS,
  );

  it(
    'tokenizer.json',
    () =>
      fc.assert(
        fc.asyncProperty(valueEdits, (edits) =>
          onlyVaneErrors(() => {
            const tokenizer = new HuggingFaceTokenizer(readTokenizerJson(editedValue(TOKENIZER, edits), 'tokenizer.json', 8), [], null);
            tokenizer.decode(tokenizer.encode('ab <end> ba'));
          }),
        ),
        OPTIONS,
      ),
    TIMEOUT_MS,
  );

  it(
    'GGUF tokenizer',
    () =>
      fc.assert(
        fc.asyncProperty(valueEdits, fc.boolean(), (edits, gemma) =>
          onlyVaneErrors(() => {
            const { description, endIds } = readGgufTokenizer(Fields.of(editedValue(GGUF_TOKENIZER, edits), 'm.gguf'), 8, gemma);
            const tokenizer = new HuggingFaceTokenizer(description, endIds, null);
            tokenizer.decode(tokenizer.encode('ab <s> ba'));
          }),
        ),
        OPTIONS,
      ),
    TIMEOUT_MS,
  );

  it(
    'adapter_config.json',
    () =>
      fc.assert(
        fc.asyncProperty(valueEdits, (edits) =>
          onlyVaneErrors(() => {
            const config = readPeftConfig(editedValue(ADAPTER_CONFIG, edits), 'adapter_config.json');
            for (const key of ['model.layers.0.self_attn.q_proj', 'model.layers.1.mlp.down_proj', 'lm_head'])
              [config.targets(key), config.rank(key), config.scaling(key)];
          }),
        ),
        OPTIONS,
      ),
    TIMEOUT_MS,
  );

  it(
    'chat template',
    () => {
      const template = new TextEncoder().encode(
        "{% for m in messages %}{{ '<|' + m.role + '|>' }}{% if loop.last %}{{ m['content'] | trim }}{% endif %}{% endfor %}{{ raise_exception('no') if false }}",
      );
      return fc.assert(
        fc.asyncProperty(byteEdits, (edits) =>
          onlyVaneErrors(() =>
            new ChatTemplate(new TextDecoder().decode(edited(template, edits)), 't.jinja', {}).render(
              [{ role: 'user', content: 'x' }],
              true,
            ),
          ),
        ),
        OPTIONS,
      );
    },
    TIMEOUT_MS,
  );

  it(
    'module patterns agree with the platform where it takes them, in bounded time',
    () =>
      fc.assert(
        fc.property(
          fc.array(
            fc.constantFrom(
              'a',
              'b',
              '.',
              '*',
              '+',
              '?',
              '(',
              ')',
              '|',
              '[ab]',
              '[^a]',
              '\\.',
              '\\d',
              '^',
              '$',
              '{1,2}',
              '(?:',
              '\\b',
              '(?!',
            ),
            { maxLength: 9 },
          ),
          fc.constantFrom('', 'a', 'ab', 'a.b', 'aabb', 'b1'),
          (parts, text) => {
            const pattern = parts.join('');
            let ours: boolean;
            try {
              ours = fullMatch(pattern, text);
            } catch (error) {
              if (error instanceof PatternSyntaxError) return;
              throw error;
            }
            let platform: RegExp;
            try {
              platform = new RegExp(`^(?:${pattern})$`);
            } catch {
              return;
            }
            if (ours !== platform.test(text)) throw new Error(`/${pattern}/ on "${text}": ${ours}`);
          },
        ),
        OPTIONS,
      ),
    TIMEOUT_MS,
  );
});
