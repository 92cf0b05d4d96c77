import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/models/open-checkpoint';
import { expectedTensors } from '../../src/models/weight-check';
import { droppedFiles } from './fixture-files';

const PARITY = join(import.meta.dirname, '../fixtures/parity');
const folders = readdirSync(PARITY).filter((name) => !name.startsWith('gguf'));

describe('openCheckpoint on the tiny checkpoints of each family', () => {
  it.each(folders)('%s opens from dropped files', async (name) => {
    const checkpoint = await openCheckpoint(droppedFiles(join(PARITY, name), (path) => path.includes('/')));
    expect(name.startsWith(checkpoint.config.family)).toBe(true);
    for (const [tensor, shape] of expectedTensors(checkpoint.config)) {
      const rows = shape.length === 1 ? 1 : (shape[0] as number);
      const values = await checkpoint.weights.readRows(tensor, 0, rows);
      expect(values.length).toBe(shape.reduce((a, b) => a * b, 1));
    }
    const ids = checkpoint.tokenizer.encode('The keeper wrote: 42');
    expect(checkpoint.tokenizer.decode(ids, { skipSpecialTokens: true })).toBe('The keeper wrote: 42');
    expect(await checkpoint.sha256()).toMatch(/^[0-9a-f]{64}$/);
  });
});
