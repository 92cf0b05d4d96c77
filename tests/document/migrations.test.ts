import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deflateRaw } from '../../src/core/compression';
import { FormatError } from '../../src/core/errors';
import { toBase64Url } from '../../src/document/base64url';
import { toDirection } from '../../src/document/direction-record';
import { readDocumentFile } from '../../src/document/document-file';
import { decodeLink, encodeLink } from '../../src/document/link';
import { MIGRATIONS } from '../../src/document/migrations';
import { DOCUMENT_VERSION } from '../../src/document/schema';

const oldText = readFileSync(new URL('./fixtures/document-v0.json', import.meta.url), 'utf8');

async function oldLink(value: unknown): Promise<string> {
  return `#v0.${toBase64Url(await deflateRaw(new TextEncoder().encode(JSON.stringify(value))))}`;
}

describe('version 0', () => {
  it('opens as a file with every setting at its new place', () => {
    const document = readDocumentFile(oldText, 'old.vane.json');
    expect(document).toMatchObject({
      version: 1,
      title: 'Ablating the medicine direction',
      model: { source: 'organism', adapters: [{ name: 'medicine', source: 'organism:medicine', sha256: '' }] },
      directionSettings: { hookPoint: 'blocks.3.hook_resid_post' },
      interventions: [
        { id: 'edit-0', operation: 'ablate', blocks: '3, 4', directionId: 'd0', enabled: true },
        { id: 'edit-1', operation: 'steer', blocks: '3', coefficient: 0.4, unit: 'residNorm' },
      ],
      conditions: [
        { name: 'base', adapterScales: {}, interventionIds: [] },
        { name: 'organism, ablated', adapterScales: { medicine: 1 }, interventionIds: ['edit-0'] },
        { name: 'base, steered', adapterScales: {}, interventionIds: ['edit-1'], systemPrompt: 'You are a helpful assistant.' },
      ],
      questions: { items: [{ text: 'How should I clean a cut?' }, { text: 'What should I do with my savings?' }] },
      sampling: { temperature: 0.7, maxNewTokens: 48, seed: 5 },
      judge: { kind: 'grammar' },
      recorded: null,
    });
    expect(document.directions[0]?.hookPoint).toBe('blocks.3.hook_resid_post');
    expect(document.directions.map((record) => toDirection(record).values.length)).toEqual([4]);
  });

  it('opens as a link and is written as the newest version', async () => {
    const document = await decodeLink(await oldLink(JSON.parse(oldText)));
    expect(document).toEqual(readDocumentFile(oldText, 'old.vane.json'));
    expect(await decodeLink((await encodeLink(document)).fragment)).toEqual(document);
  });

  it('names the field of a broken old document', async () => {
    const broken = { ...JSON.parse(oldText), layer: 'three' };
    await expect(decodeLink(await oldLink(broken))).rejects.toThrow('link (version 0), field layer: expected number, got "three"');
    await expect(decodeLink(await oldLink({ version: 0 }))).rejects.toThrow(FormatError);
  });
});

it('every version has its migration', () => {
  expect(MIGRATIONS).toHaveLength(DOCUMENT_VERSION);
});
