import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError, FormatError } from '../../src/core/errors';
import { createRng, gaussian } from '../../src/core/rng';
import { PACKED_COSINE, packValues, toDirection, toDirectionRecord, unpackValues } from '../../src/document/direction-record';
import { sampleDirection } from './sample-document';

function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return dot / Math.sqrt(aa * bb);
}

describe('packValues', () => {
  it('keeps 896 normal values at cosine 0.9999 in under 1,000 bytes', () => {
    const { values } = sampleDirection(896);
    const packed = packValues(values);
    expect(packed.length).toBeLessThan(1000);
    expect(cosine(values, unpackValues(packed, 'test'))).toBeGreaterThanOrEqual(PACKED_COSINE);
  });

  it('keeps the cosine for odd lengths, outliers, sparse and tiny values', () => {
    const value = fc.double({ min: -1, max: 1, noNaN: true });
    const spiky = fc.tuple(value, fc.integer({ min: -12, max: 12 })).map(([x, exponent]) => x * 10 ** exponent);
    fc.assert(
      fc.property(fc.array(fc.oneof(value, spiky, fc.constant(0)), { minLength: 1, maxLength: 200 }), (numbers) => {
        const values = Float32Array.from(numbers);
        const restored = unpackValues(packValues(values), 'test');
        expect(restored.length).toBe(values.length);
        if (values.some((x) => x !== 0)) expect(cosine(values, restored)).toBeGreaterThanOrEqual(PACKED_COSINE);
        else expect([...restored].every((x) => x === 0)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('falls back to finer layouts where every block hides behind one large value', () => {
    const rng = createRng(3);
    // Every other value at half a quantisation step of a block's maximum: the worst case of the coarse layout.
    const values = Float32Array.from({ length: 640 }, (_, i) => (i % 32 === 0 ? 127 : 0.5 + 1e-3 * Math.abs(gaussian(rng))));
    expect(packValues(values)[0]).toBeGreaterThan(0);
    expect(cosine(values, unpackValues(packValues(values), 'test'))).toBeGreaterThanOrEqual(PACKED_COSINE);
  });

  it('refuses empty and non-finite directions', () => {
    expect(() => packValues(new Float32Array(0))).toThrow(ArgumentError);
    expect(() => packValues(Float32Array.of(1, Number.NaN))).toThrow('got NaN at index 1');
    expect(() => packValues(Float32Array.of(Number.POSITIVE_INFINITY))).toThrow(ArgumentError);
  });
});

describe('toDirectionRecord', () => {
  it('keeps mean projections and deviation to six digits, and none that is not there', () => {
    const direction = {
      ...sampleDirection(8),
      negativeMeanProjection: -120.16393787201407,
      positiveMeanProjection: 0.000123456789,
      projectionDeviation: null,
    };
    const { negativeMeanProjection, positiveMeanProjection, projectionDeviation } = toDirectionRecord(direction);
    expect([negativeMeanProjection, positiveMeanProjection, projectionDeviation]).toEqual([-120.164, 0.000123457, null]);
  });

  it('keeps everything but the values exactly, and its record unpacks to the same values every time', () => {
    const direction = sampleDirection(128);
    const record = toDirectionRecord(direction);
    const restored = toDirection(record);
    expect({ ...restored, values: null }).toEqual({ ...direction, values: null });
    expect(toDirection(JSON.parse(JSON.stringify(record))).values).toEqual(restored.values);
  });

  it('names the direction and the byte of damaged values', () => {
    const record = toDirectionRecord(sampleDirection(128));
    expect(() => toDirection({ ...record, values: record.values.slice(0, 60) })).toThrow(FormatError);
    expect(() => toDirection({ ...record, values: record.values.slice(0, 60) })).toThrow(/direction "direction 1", .+ at byte \d+/);
    expect(() => toDirection({ ...record, values: 'AAAA!' })).toThrow('"!" at character 4');
  });
});
