/**
 * Bytes that stay in the browser's blob storage and are read piece by piece when they are looked at. The runtime mounts weight
 * files as `Uint8Array`s and takes slices of them, so this is one by type, with nothing of its own inside.
 */
export class BlobBytes extends Uint8Array<ArrayBuffer> {
  private readonly reader = new FileReaderSync();

  constructor(private readonly blob: Blob) {
    super(new ArrayBuffer(0));
  }

  override get byteLength(): number {
    return this.blob.size;
  }

  /** A copy of the bytes from `begin` to `end`. */
  override subarray(begin = 0, end = this.blob.size): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.reader.readAsArrayBuffer(this.blob.slice(begin, end)));
  }
}

/** Whether this thread can read blobs without waiting; only workers can. */
export function canReadBlobs(): boolean {
  return typeof FileReaderSync !== 'undefined';
}
