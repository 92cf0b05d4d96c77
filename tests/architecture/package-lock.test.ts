import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

interface LockedPackage {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
}

it('package-lock.json records versions and hashes, and no registry host', () => {
  const text = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Record<string, LockedPackage> };
  expect(Object.entries(packages).filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
  const unhashed = Object.entries(packages).filter(([path, entry]) => path !== '' && !entry.integrity?.startsWith('sha512-'));
  expect(unhashed.map(([path]) => path)).toEqual([]);
});

it('.npmrc, where there is one, names no registry either', () => {
  let text = '';
  try {
    text = readFileSync(join(ROOT, '.npmrc'), 'utf8');
  } catch {
    return;
  }
  expect(text).not.toMatch(/registry|_auth|:\/\//);
});
