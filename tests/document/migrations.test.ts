import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deflateRaw } from '../../src/core/compression';
import { FormatError } from '../../src/core/errors';
import { toBase64Url } from '../../src/document/base64url';
import { toDirection } from '../../src/document/direction-record';
import { readDocumentFile } from '../../src/document/document-file';
import { decodeLink, encodeLink } from '../../src/document/link';
import { MIGRATIONS } from '../../src/document/migrations';
import { parseDocument } from '../../src/document/parse';
import { DOCUMENT_VERSION } from '../../src/document/schema';
import { toIntervention } from '../../src/store/condition-run';
import { sampleDocument } from './sample-document';

const oldText = readFileSync(new URL('./fixtures/document-v0.json', import.meta.url), 'utf8');

async function oldLink(value: unknown): Promise<string> {
  return `#v0.${toBase64Url(await deflateRaw(new TextEncoder().encode(JSON.stringify(value))))}`;
}

describe('version 0', () => {
  it('opens as a file with every setting at its new place', () => {
    const document = readDocumentFile(oldText, 'old.vane.json');
    expect(document).toMatchObject({
      version: 2,
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

describe('version 1', () => {
  // Written by encodeLink of the last build of version 1: the sample document (2 questions, 1 answer, 32 dimensions) with two more edits.
  const link = readFileSync(new URL('./fixtures/link-v1.txt', import.meta.url), 'utf8').trim();

  it('opens unchanged, but that a clamp has its number and a steer its coefficient', async () => {
    const document = await decodeLink(link);
    const sample = sampleDocument(2, 1, 32);
    const [ablation] = sample.interventions;
    expect(document).toEqual({
      ...sample,
      interventions: [
        ablation,
        { ...ablation, id: 'clamp', name: 'clamp', operation: 'clamp', clampTo: 'number', coefficient: 0, clampNumber: 212.5 },
        { ...ablation, id: 'steer', name: 'steer', operation: 'steer', coefficient: 0.8, clampNumber: 0 },
      ],
    });
    expect(await decodeLink((await encodeLink(document)).fragment)).toEqual(document);
  });

  it('clamps to the same projection as before, and steers by none of it', async () => {
    const document = await decodeLink(link);
    const clamp = document.interventions.find(({ operation }) => operation === 'clamp');
    if (!clamp) throw new Error('the link holds a clamp');
    const directions = document.directions.map(toDirection);
    expect(toIntervention(clamp, directions)).toMatchObject({ operation: 'clamp', coefficient: 212.5 });
    expect(toIntervention({ ...clamp, operation: 'steer' }, directions)).toMatchObject({ operation: 'steer', coefficient: 0 });
  });

  it('names the field of a broken one', () => {
    const broken = { ...sampleDocument(1, 1, 4), version: 1, interventions: [{ operation: 'clamp' }] };
    expect(() => parseDocument(broken, 'link')).toThrow('link (version 1), field interventions.0.clampTo: expected');
  });
});

it('every version has its migration', () => {
  expect(MIGRATIONS).toHaveLength(DOCUMENT_VERSION);
});
