import { readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import { parseSync } from 'vite';

export interface ImportEdge {
  /** Path of the importing file within src/, with slashes. */
  from: string;
  /** A file within src/ without extension, or a package's name. */
  to: string;
  isPackage: boolean;
  /** Types only: nothing of it is left when the program runs. */
  typeOnly: boolean;
}

export const SRC = resolve(import.meta.dirname, '..', '..', 'src');

/** Every import of every source file: static, dynamic, re-exports, and modules named by `new URL(…, import.meta.url)`. */
export function readImports(folder = SRC): ImportEdge[] {
  return sourceFiles(folder).flatMap((file) => importsOf(file, readFileSync(file, 'utf8')));
}

export function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => ['.ts', '.tsx'].includes(extname(name)))
    .map((name) => join(folder, name));
}

/** The imports of one file, as `readImports` gives them. */
export function importsOf(file: string, code: string): ImportEdge[] {
  const { module, errors } = parseSync(file, code);
  if (errors.length > 0) throw new Error(`${file}: expected TypeScript, got ${errors[0]?.message}`);
  const found: Array<{ specifier: string; typeOnly: boolean }> = [];
  for (const { moduleRequest, entries } of module.staticImports) {
    found.push({ specifier: moduleRequest.value, typeOnly: entries.length > 0 && entries.every((entry) => entry.isType) });
  }
  for (const { entries } of module.staticExports) {
    for (const entry of entries) if (entry.moduleRequest) found.push({ specifier: entry.moduleRequest.value, typeOnly: entry.isType });
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const text = code.slice(moduleRequest.start, moduleRequest.end);
    if (/^(['"`]).*\1$/s.test(text)) found.push({ specifier: text.slice(1, -1), typeOnly: false });
  }
  for (const match of code.matchAll(/new URL\(\s*['"](\.[^'"]+)['"],\s*import\.meta\.url/g))
    found.push({ specifier: match[1] ?? '', typeOnly: false });
  return found.map(({ specifier, typeOnly }) => ({ from: inSrc(file), typeOnly, ...target(file, specifier) }));
}

function target(file: string, specifier: string): Pick<ImportEdge, 'to' | 'isPackage'> {
  if (specifier.startsWith('.')) return { to: inSrc(resolve(dirname(file), specifier)).replace(/\.tsx?$/, ''), isPackage: false };
  const parts = specifier.split('/');
  return { to: specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier), isPackage: true };
}

function inSrc(path: string): string {
  return relative(SRC, path).split(sep).join('/').replace(/\?.*$/, '');
}
