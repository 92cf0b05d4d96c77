/** Refuses endless folders: no model folder holds more. */
const MAX_FILES = 2_000;

function entryFiles(entry: FileSystemEntry, found: File[]): Promise<void> {
  if (found.length >= MAX_FILES) return Promise.resolve();
  if (entry.isFile) {
    return new Promise((resolve, reject) => {
      (entry as FileSystemFileEntry).file((file) => {
        found.push(file);
        resolve();
      }, reject);
    });
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  return new Promise((resolve, reject) => {
    // A directory reader hands its entries over in batches; an empty batch ends it.
    const next = () =>
      reader.readEntries((entries) => {
        if (entries.length === 0) return resolve();
        Promise.all(entries.map((child) => entryFiles(child, found))).then(next, reject);
      }, reject);
    next();
  });
}

/** All files of a drop, folders opened; `folder` names the first folder among them. */
export async function droppedFiles(transfer: DataTransfer): Promise<{ files: File[]; folder: string | null }> {
  // Entries must be taken before the first await: the transfer is emptied when the event ends.
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return { files: [...transfer.files], folder: null };
  const files: File[] = [];
  for (const entry of entries) await entryFiles(entry, files);
  return { files, folder: entries.find(({ isDirectory }) => isDirectory)?.name ?? null };
}
