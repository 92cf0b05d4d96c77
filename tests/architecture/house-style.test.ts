import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..');
const MAX_LINES = 400;

interface SourceFile {
  path: string;
  text: string;
}

function readSources(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(tsx?|mjs|mts|css)$/.test(name) && !name.includes('node_modules'))
    .map((name) => join(ROOT, folder, name))
    .map((path) => ({ path: relative(ROOT, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }));
}

const src = readSources('src');
const all = [...src, ...readSources('tests'), ...readSources('tools')];
const own = 'tests/architecture/house-style.test.ts';

/** `path:line` of every match. */
function findings(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files
    .filter(({ path }) => path !== own)
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1} ${line.trim().slice(0, 100)}`] : [])),
    );
}

describe('house style', () => {
  it('files are named in kebab-case, after a noun', () => {
    const misnamed = all.filter(
      ({ path }) =>
        !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|spec|bench|config|d))?\.(tsx?|mjs|mts|css)$/.test(basename(path)) ||
        /^(utils?|helpers?|misc)\./.test(basename(path)),
    );
    expect(misnamed.map(({ path }) => path)).toEqual([]);
  });

  it(`source files of src/ have at most ${MAX_LINES} lines`, () => {
    const long = src.filter(({ path, text }) => !path.endsWith('.css') && text.split('\n').length > MAX_LINES + 1);
    expect(long.map(({ path, text }) => `${path}: ${text.split('\n').length - 1}`)).toEqual([]);
  });

  it('nothing is silenced, left over or skipped', () => {
    expect(findings(all, /@ts-(ignore|nocheck|expect-error)|biome-ignore|eslint-disable/)).toEqual([]);
    expect(findings(all, /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
    expect(findings(all, /\b(it|test|describe)\.(only|skip|todo)\(/)).toEqual([]);
  });

  it('no type is `any`', () => {
    expect(findings(all, /(:\s*any\b(?!\s*[a-z])|<any>|\bas any\b|\bany\[\])/)).toEqual([]);
  });
});
