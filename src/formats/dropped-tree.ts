import { LimitError, SourceError } from '../core/errors';
import type { ByteSource, FileTree, Lookup } from './byte-source';
import { BlobSource } from './http-tree';

/** A dropped folder: its files in any nesting, found by name below their nearest common folder. */
export class DroppedTree implements FileTree {
  readonly label: string;
  private readonly byPath = new Map<string, File>();

  /** @throws SourceError for no files. */
  constructor(files: readonly File[]) {
    const [first] = files;
    if (!first) throw new SourceError('dropped files: expected at least one file, got none.', "Drop a model's folder or a .gguf file.");
    const paths = files.map((file) => (file.webkitRelativePath || file.name).split('/').filter((part) => part !== ''));
    const root = commonFolder(paths, files);
    files.forEach((file, index) => {
      this.byPath.set((paths[index] ?? []).slice(root.length).join('/'), file);
    });
    this.label = root.at(-1) ?? first.name;
  }

  /** Paths below the folder that holds the model. */
  paths(): string[] {
    return [...this.byPath.keys()];
  }

  async open(path: string): Promise<Lookup<ByteSource>> {
    const file = this.byPath.get(path);
    return file ? { found: new BlobSource(path, file) } : this.missing(path);
  }

  async readSmall(path: string, maxBytes: number): Promise<Lookup<Uint8Array>> {
    const file = this.byPath.get(path);
    if (!file) return this.missing(path);
    if (file.size > maxBytes)
      throw new LimitError(`${path}: expected at most ${maxBytes} bytes, got ${file.size}.`, 'Check that this is the file you mean.');
    return { found: await new BlobSource(path, file).read(0, file.size) };
  }

  private missing(path: string): { found: null; reason: string; remedy: string } {
    return {
      found: null,
      reason: `${path}: expected it among the dropped files, got ${this.byPath.size} others.`,
      remedy: 'Drop the whole folder, with this file in it.',
    };
  }
}

/** The folder of the shallowest config file, else the files' common folder. */
function commonFolder(paths: readonly string[][], files: readonly File[]): string[] {
  const configs = paths.filter((_, index) => ['config.json', 'adapter_config.json'].includes(files[index]?.name ?? ''));
  const shallowest = configs.sort((a, b) => a.length - b.length)[0];
  if (shallowest) return shallowest.slice(0, -1);
  const folders = paths.map((path) => path.slice(0, -1));
  let common = folders[0] ?? [];
  for (const folder of folders) {
    let shared = 0;
    while (shared < common.length && common[shared] === folder[shared]) shared++;
    common = common.slice(0, shared);
  }
  return common;
}
