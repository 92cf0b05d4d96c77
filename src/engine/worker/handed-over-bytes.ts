/** Holds the buffer that the runtime is copying right now; it is freed when the next one is asked for. */
export class HandOver {
  private copied: ArrayBuffer | null = null;

  /** Frees the buffer handed out before, then remembers this one. */
  next(buffer: ArrayBuffer): void {
    this.release();
    this.copied = buffer;
  }

  /** Frees the last buffer at once instead of when the collector comes round. */
  release(): void {
    this.copied?.transfer?.(0);
    this.copied = null;
  }
}

/**
 * A tensor's bytes that are gone once the runtime has copied them, so that weights are never held twice. The runtime mounts weight
 * files as `Uint8Array`s and copies one slice of each, so this is one by type with nothing of its own inside.
 */
export class HandedOverBytes extends Uint8Array<ArrayBuffer> {
  constructor(
    private readonly bytes: Uint8Array<ArrayBuffer>,
    private readonly handOver: HandOver,
  ) {
    super(new ArrayBuffer(0));
    this.size = bytes.byteLength;
  }

  private readonly size: number;

  override get byteLength(): number {
    return this.size;
  }

  /** The bytes from `begin` to `end`, valid until the next tensor is asked for. */
  override subarray(begin = 0, end = this.size): Uint8Array<ArrayBuffer> {
    this.handOver.next(this.bytes.buffer);
    return this.bytes.subarray(begin, end);
  }
}
