import { SourceError } from '../core/errors';
import type { Source } from '../engine/api';

/** Files that the person chose in this tab, by the `file:` name under which the document knows them. */
const chosen = new Map<string, File[]>();

export function rememberFiles(name: string, files: File[]): void {
  chosen.set(name, files);
}

/** A document's source as the engine takes it. @throws SourceError with the given remedy when its files are not in this tab. */
export function sourceFor(name: string, remedy = 'Choose the file in step 1, or drop it on the page.'): Source {
  if (!name.startsWith('file:')) return name;
  const files = chosen.get(name);
  if (!files) throw new SourceError(`source "${name}": expected a file chosen in this tab, got none.`, remedy);
  return files;
}

export function adapterSources(adapters: ReadonlyArray<{ name: string; source: string }>): Array<{ name: string; source: Source }> {
  return adapters.map(({ name, source }) => ({ name, source: sourceFor(source) }));
}

/** The source as the document writes it: files of this machine are named, never contained. */
export function sourceName(source: Source): string {
  if (typeof source === 'string') return source;
  const gguf = source.find((file) => file.name.toLowerCase().endsWith('.gguf'));
  const folder = source[0]?.webkitRelativePath.split('/')[0];
  return `file:${gguf?.name ?? (folder || source[0]?.name) ?? 'files'}`;
}
