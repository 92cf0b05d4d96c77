import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { sha256, sha256Plain, toHex } from '../../src/formats/sha256';

it.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 1_000_003])(
  'SHA-256 of %i bytes equals the platform, with and without WebCrypto',
  async (length) => {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 255);
    const wanted = createHash('sha256').update(bytes).digest('hex');
    expect(toHex(sha256Plain(bytes))).toBe(wanted);
    expect(toHex(await sha256(bytes))).toBe(wanted);
  },
);
