import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openCheckpoint } from '../../src/models/open-checkpoint';
import { expectedTensors } from '../../src/models/weight-check';
import { droppedFile } from './fixture-files';

const PARITY = join(import.meta.dirname, '../fixtures/parity');

it.each(['gguf-llama', 'gguf-gemma3'])('%s opens: config, every tensor, tokenizer and template', async (name) => {
  const checkpoint = await openCheckpoint([droppedFile('model.gguf', readFileSync(join(PARITY, name, 'model.gguf')))]);
  for (const [tensor, shape] of expectedTensors(checkpoint.config)) {
    const values = await checkpoint.weights.readRows(tensor, 0, shape.length === 1 ? 1 : (shape[0] as number));
    expect(values.length).toBe(shape.reduce((a, b) => a * b, 1));
  }
  const text = 'The keeper of the lighthouse: 42';
  expect(checkpoint.tokenizer.decode(checkpoint.tokenizer.encode(text), { skipSpecialTokens: true })).toBe(text);
  expect(checkpoint.tokenizer.render([{ role: 'user', content: 'Hi' }])).toBe('user: Hi\nassistant: ');
  expect(await checkpoint.sha256()).toMatch(/^[0-9a-f]{64}$/);
});
