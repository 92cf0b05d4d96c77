import { expect, test } from 'vitest';
import { ProtobufWriter } from '../../src/graph/protobuf-writer';

// Expected bytes are the protobuf documentation's own examples, and python's protobuf package for the negative number.
test.each([
  ['a small integer', new ProtobufWriter().integer(1, 1), [0x08, 0x01]],
  ['150 in field 1', new ProtobufWriter().integer(1, 150), [0x08, 0x96, 0x01]],
  ['-1 as int64', new ProtobufWriter().integer(1, -1), [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
  ['2^53', new ProtobufWriter().integer(1, 2 ** 53), [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]],
  ['"testing" in field 2', new ProtobufWriter().string(2, 'testing'), [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]],
  ['a nested message', new ProtobufWriter().message(3, new ProtobufWriter().integer(1, 150)), [0x1a, 0x03, 0x08, 0x96, 0x01]],
  ['a float in field 20', new ProtobufWriter().float(20, 1), [0xa5, 0x01, 0x00, 0x00, 0x80, 0x3f]],
])('%s', (_, writer, bytes) => {
  expect([...writer.finish()]).toEqual(bytes);
});

test('grows past its first buffer', () => {
  const data = Uint8Array.from({ length: 100_000 }, (_, i) => i & 255);
  const written = new ProtobufWriter().data(1, data).finish();
  expect(written.byteLength).toBe(1 + 3 + data.byteLength);
  expect(written.subarray(4)).toEqual(data);
});
