import { describe, expect, it } from 'vitest';
import type { Direction } from '../../src/core/direction';
import { ArgumentError, FormatError, LimitError, MismatchError, UnsupportedError } from '../../src/core/errors';
import { writeControlVector } from '../../src/formats/control-vector';
import { readDirectionFile } from '../../src/formats/direction-file';
import { writeDirectionNpz } from '../../src/formats/npz';
import { writeDirectionSafetensors } from '../../src/formats/safetensors-writer';
import { writeZip } from '../../src/formats/zip';
import { sampleDirection } from '../document/sample-document';

const FALLBACK = 'blocks.5.hook_resid_post';

/** Two directions of odd length at different blocks, one with a name that no tensor may have as it is. */
function twoDirections(): [Direction, Direction] {
  return [
    { ...sampleDirection(37, 1), name: 'médecine / "bad"' },
    { ...sampleDirection(37, 2), name: 'finance', hookPoint: 'blocks.3.hook_resid_pre', positiveMeanProjection: null },
  ];
}

function npy(descr: string, shape: string, data: Uint8Array, order = 'False'): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
  const bytes = new Uint8Array(10 + header.length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(data, 10 + header.length);
  return bytes;
}

function read(bytes: Uint8Array, name = 'file'): ReturnType<typeof readDirectionFile> {
  return readDirectionFile(new Blob([new Uint8Array(bytes)]), name, FALLBACK);
}

async function valuesOf(bytes: Uint8Array): Promise<number[][]> {
  return (await read(bytes)).directions.map((direction) => [...direction.values]);
}

describe('written and read again', () => {
  it.each([
    ['safetensors', writeDirectionSafetensors],
    ['npz', writeDirectionNpz],
  ])('%s keeps values, recipe and hook point', async (_, write) => {
    const directions = twoDirections();
    expect(await read(write(directions))).toEqual({ directions, notes: [] });
    expect(write(directions)).toEqual(write(directions));
  });

  it('a control vector keeps them in the order of their blocks', async () => {
    const [late, early] = twoDirections();
    expect(await read(writeControlVector([late, early], 'qwen2'))).toEqual({ directions: [early, late], notes: [] });
  });

  it('repeated names get numbers', async () => {
    const directions = [sampleDirection(8, 1), { ...sampleDirection(8, 2), name: 'direction 1' }];
    expect((await read(writeDirectionNpz(directions))).directions).toEqual(directions);
  });
});

describe('a control vector', () => {
  it('has no place for block 0, the embedding and the middle of a block', () => {
    for (const hookPoint of ['blocks.0.hook_resid_post', 'blocks.1.hook_resid_pre', 'hook_embed', 'blocks.4.hook_resid_mid']) {
      expect(() => writeControlVector([{ ...sampleDirection(8), hookPoint }], 'qwen2')).toThrow(`got ${hookPoint}`);
    }
  });

  it('refuses two directions at one block, lengths that differ, and nothing', () => {
    expect(() => writeControlVector([sampleDirection(8, 1), sampleDirection(8, 2)], 'x')).toThrow('at block 12');
    expect(() => writeControlVector([sampleDirection(8, 1), { ...sampleDirection(9, 2), hookPoint: FALLBACK }], 'x')).toThrow(
      ArgumentError,
    );
    expect(() => writeControlVector([], 'x')).toThrow(ArgumentError);
    expect(() => writeDirectionNpz([])).toThrow(ArgumentError);
    expect(() => writeDirectionSafetensors([])).toThrow(ArgumentError);
  });
});

describe('foreign files', () => {
  it('a lone array takes its file name and the fallback hook point, and says so', async () => {
    const result = await read(npy('<f4', '(6,)', new Uint8Array(24).fill(63)), 'steer.npy');
    expect(result.directions).toMatchObject([
      { name: 'steer', hookPoint: FALLBACK, recipe: { definition: 'imported', contrast: 'imported from steer.npy' } },
    ]);
    expect(result.notes).toEqual([`"steer" names no hook point; taken as ${FALLBACK}.`]);
  });

  it('rows of a matrix are numbered, and a name that states the hook point is believed', async () => {
    const floats = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);
    const { directions, notes } = await read(writeZip([{ name: 'blocks.2.hook_resid_mid.npy', bytes: npy('<f4', '(2, 3)', floats) }]));
    expect(directions.map(({ name, hookPoint, values }) => [name, hookPoint, [...values]])).toEqual([
      ['blocks.2.hook_resid_mid.0', 'blocks.2.hook_resid_mid', [1, 2, 3]],
      ['blocks.2.hook_resid_mid.1', 'blocks.2.hook_resid_mid', [4, 5, 6]],
    ]);
    expect(notes).toEqual([]);
  });

  it('a safetensors file whose first byte is that of a pickle', async () => {
    const header = '{"d":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'.padEnd(0x80);
    const bytes = Uint8Array.from([0x80, 0, 0, 0, 0, 0, 0, 0, ...new TextEncoder().encode(header), 0, 0, 0x80, 0x3f]);
    expect(await valuesOf(bytes)).toEqual([[1]]);
  });

  it('half, double and big-endian numbers', async () => {
    expect(await valuesOf(npy('<f8', '(2,)', new Uint8Array(Float64Array.of(0.5, -3).buffer)))).toEqual([[0.5, -3]]);
    expect(await valuesOf(npy('>f4', '(1,)', Uint8Array.of(0x3f, 0x80, 0, 0)))).toEqual([[1]]);
    expect(await valuesOf(npy('<f2', '(2,)', Uint8Array.of(0, 0x3c, 0, 0xc0)))).toEqual([[1, -2]]);
    expect(await valuesOf(npy('>f2', '(2,)', Uint8Array.of(0x3c, 0, 0xc0, 0)))).toEqual([[1, -2]]);
  });
});

describe('refuses', () => {
  const floats = new Uint8Array(Float32Array.of(1, 2).buffer);

  it.each([
    ['an array of objects', npy('|O', '(2,)', floats), UnsupportedError, 'expected float16, float32 or float64, got "O"'],
    ['whole numbers', npy('<i8', '(1,)', floats), UnsupportedError, 'got "i8"'],
    ['Fortran order', npy('<f4', '(1, 2)', floats, 'True'), UnsupportedError, 'Fortran order'],
    ['three dimensions', npy('<f4', '(1, 1, 2)', floats), FormatError, 'got [1, 1, 2]'],
    ['missing data', npy('<f4', '(3,)', floats), FormatError, 'expected 12 bytes of data, got 8'],
    ['a huge shape', npy('<f4', '(99999999,)', floats), LimitError, 'expected at most'],
    ['NaN', npy('<f4', '(1,)', Uint8Array.of(0, 0, 0xc0, 0x7f)), FormatError, 'got NaN at index 0'],
    ['an empty archive', writeZip([]), FormatError, 'expected at least one direction'],
    ['a page', new TextEncoder().encode('<!doctype html><html></html>'), FormatError, 'an HTML page'],
    ['a pickle', Uint8Array.of(0x80, 2, 0x7d, 0x71, 0, 0x2e, 0, 0, 0, 0), UnsupportedError, 'a Python pickle'],
    ['nothing', new Uint8Array(), FormatError, 'a file of 0'],
  ] as const)('%s', async (_, bytes, Class, text) => {
    await expect(read(bytes)).rejects.toThrow(Class);
    await expect(read(bytes)).rejects.toThrow(text);
  });

  it('a GGUF that is a model', async () => {
    const model = writeControlVector([sampleDirection(8)], 'qwen2');
    const at = new TextDecoder('latin1').decode(model).indexOf('controlvector', 40);
    model.set(new TextEncoder().encode('qwen2_a_model'), at);
    await expect(read(model)).rejects.toThrow(MismatchError);
  });

  it('a damaged archive, by its checksum', async () => {
    const damaged = writeDirectionNpz([sampleDirection(8)]);
    damaged[150] = (damaged[150] as number) ^ 1;
    await expect(read(damaged)).rejects.toThrow(FormatError);
  });
});
