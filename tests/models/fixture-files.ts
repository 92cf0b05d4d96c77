import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Files of a folder as the browser hands over a dropped one: each knows its path below the dropped folder. */
export function droppedFiles(folder: string, leaveOut: (path: string) => boolean = () => false): File[] {
  const files: File[] = [];
  const visit = (path: string) => {
    for (const name of readdirSync(path)) {
      const full = join(path, name);
      if (statSync(full).isDirectory()) visit(full);
      else if (!leaveOut(relative(folder, full))) files.push(droppedFile(join('dropped', relative(folder, full)), readFileSync(full)));
    }
  };
  visit(folder);
  return files;
}

/** A File with a path, as a dropped folder's files have. */
export function droppedFile(path: string, content: Uint8Array | string): File {
  const file = new File([content as Uint8Array<ArrayBuffer>], path.split('/').at(-1) ?? path);
  Object.defineProperty(file, 'webkitRelativePath', { value: path.includes('/') ? path : '' });
  return file;
}
