import { describe, expect, it } from 'vitest';
import { FormatError, LimitError } from '../../src/core/errors';
import { LIMITS } from '../../src/core/limits';
import { createRng, gaussian } from '../../src/core/rng';
import { readDocumentFile, writeDocumentFile } from '../../src/document/document-file';
import { decodeLink, encodeLink } from '../../src/document/link';
import { PROJECTION_STEP, packProjections, packScatter, unpackProjections, unpackScatter } from '../../src/document/recorded-readings';
import type { VaneDocument } from '../../src/document/schema';
import { sampleDocument } from './sample-document';

const rng = createRng(3);

/** A sample document with a reading for every token of its first condition, a profile and a scatter. */
function documentWithReadings(): VaneDocument {
  const document = sampleDocument(8, 4, 128);
  const { recorded } = document;
  if (!recorded) throw new Error('the sample has answers');
  const projections = recorded.answers.map(({ conditionId, ids }) => (conditionId === 'base' ? ids.map(() => 2 * gaussian(rng)) : []));
  const dots = Array.from({ length: 200 }, (_, index) => ({ x: 30 * gaussian(rng), y: 9 * gaussian(rng), positive: index < 90 }));
  const scatter = packScatter(dots);
  if (!scatter) throw new Error('expected a scatter');
  return {
    ...document,
    recorded: {
      ...recorded,
      projections: { directionId: 'direction-1', letters: packProjections(recorded.answers, projections) },
      profile: Array.from({ length: 9 }, (_, block) => ({
        hookPoint: `blocks.${block}.hook_resid_post`,
        block,
        relativeNorm: 0.1 * block,
        auc: block === 0 ? null : { mean: 0.9, low: 0.85, high: 0.95, n: 180 },
      })),
      scatter,
    },
  };
}

describe('packProjections and unpackProjections', () => {
  const answers = [{ ids: [1, 2, 3] }, { ids: [4] }, { ids: [5, 6] }];

  it('keep each projection to half a step and tell what was not read', () => {
    const given = [[0.26, -3.14, Number.NaN], [], [99, -99]];
    const [first, second, third] = unpackProjections(answers, packProjections(answers, given));
    expect(Math.abs((first?.[0] ?? 0) - 0.26)).toBeLessThanOrEqual(PROJECTION_STEP / 2);
    expect(Math.abs((first?.[1] ?? 0) + 3.14)).toBeLessThanOrEqual(PROJECTION_STEP / 2);
    expect(first?.[2]).toBeNaN();
    expect(second).toEqual([]);
    expect(third?.map((value) => Math.round(value * 10))).toEqual([90, -90]);
  });

  it('refuse another number of tokens', () => {
    const packed = packProjections(answers, [[1, 1, 1]]);
    expect(() => unpackProjections(answers.slice(1), packed)).toThrow('expected one letter for each of 3 tokens, got 6');
    expect(() => unpackProjections(answers, '')).toThrow(FormatError);
  });
});

describe('packScatter and unpackScatter', () => {
  it('keep each point to a 127th of the widest, positive ones first', () => {
    const dots = [
      { x: -10, y: 1, positive: false },
      { x: 25.4, y: -0.5, positive: true },
    ];
    const record = packScatter(dots);
    expect(record?.positiveCount).toBe(1);
    const [first, second] = unpackScatter(record as NonNullable<typeof record>);
    expect(first).toMatchObject({ positive: true });
    expect(first?.x).toBeCloseTo(25.4, 1);
    expect(second?.x).toBeCloseTo(-10, 0);
    expect(second?.positive).toBe(false);
  });

  it('give null for too many, and refuse to read too many', () => {
    const dots = Array.from({ length: LIMITS.scatterPointCount + 1 }, () => ({ x: 1, y: 1, positive: true }));
    expect(packScatter(dots)).toBeNull();
    const points = 'AAAA'.repeat(LIMITS.scatterPointCount);
    expect(() => unpackScatter({ positiveCount: 1, xStep: 1, yStep: 1, points })).toThrow(LimitError);
    expect(() => unpackScatter({ positiveCount: 0, xStep: 1, yStep: 1, points: 'AA' })).toThrow('two bytes a point');
  });
});

describe('a document with readings', () => {
  it('goes through a link and a file unchanged', async () => {
    const document = documentWithReadings();
    expect(await decodeLink((await encodeLink(document)).fragment)).toEqual(document);
    expect(readDocumentFile(writeDocumentFile(document), 'readings.vane.json')).toEqual(document);
  });

  it('costs less than a character and a quarter a token more', async () => {
    const document = documentWithReadings();
    const { recorded } = document;
    const bare = { ...document, recorded: recorded && { ...recorded, projections: undefined, profile: undefined, scatter: undefined } };
    const tokens = (recorded?.answers ?? []).reduce((sum, { ids }) => sum + ids.length, 0);
    const more = (await encodeLink(document)).bytes - (await encodeLink(bare)).bytes;
    expect(more).toBeLessThan(1.25 * tokens + 900);
  });

  it('of an earlier Vane has none and opens all the same', async () => {
    const { recorded } = await decodeLink((await encodeLink(sampleDocument())).fragment);
    expect([recorded?.projections, recorded?.profile, recorded?.scatter]).toEqual([undefined, undefined, undefined]);
  });

  it('is refused when the readings do not fit its answers', () => {
    const document = documentWithReadings();
    const text = writeDocumentFile(document);
    const broken = JSON.parse(text);
    broken.recorded.answers.pop();
    expect(() => readDocumentFile(JSON.stringify(broken), 'broken.vane.json')).toThrow(
      /broken\.vane\.json, recorded projections: expected one letter/,
    );
  });
});
