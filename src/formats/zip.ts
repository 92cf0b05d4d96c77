import { inflateRaw } from '../core/compression';
import { FormatError, LimitError, UnsupportedError } from '../core/errors';

const END_SIGNATURE = 0x06054b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const AGAIN = 'Save the file again.';

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc >>> 0;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 255] as number);
  return (crc ^ 0xffff_ffff) >>> 0;
}

export interface ZipEntry {
  name: string;
  bytes: Uint8Array;
}

/** A ZIP archive of stored (uncompressed) entries with a fixed date, so that equal content gives equal bytes. */
export function writeZip(entries: readonly ZipEntry[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes } of entries) {
    const nameBytes = new TextEncoder().encode(name);
    const common = new DataView(new ArrayBuffer(26));
    common.setUint16(0, 20, true);
    // Bit 11: the name is UTF-8.
    common.setUint16(2, 0x0800, true);
    // 1 January 1980, the format's first day.
    common.setUint16(8, 0x0021, true);
    common.setUint32(10, crc32(bytes), true);
    common.setUint32(14, bytes.length, true);
    common.setUint32(18, bytes.length, true);
    common.setUint16(22, nameBytes.length, true);
    const shared = new Uint8Array(common.buffer);
    const local = new Uint8Array(30 + nameBytes.length);
    new DataView(local.buffer).setUint32(0, LOCAL_SIGNATURE, true);
    local.set(shared, 4);
    local.set(nameBytes, 30);
    const record = new Uint8Array(46 + nameBytes.length);
    const view = new DataView(record.buffer);
    view.setUint32(0, CENTRAL_SIGNATURE, true);
    view.setUint16(4, 20, true);
    record.set(shared, 6);
    view.setUint32(42, offset, true);
    record.set(nameBytes, 46);
    parts.push(local, bytes);
    central.push(record);
    offset += local.length + bytes.length;
  }
  const centralBytes = central.reduce((sum, record) => sum + record.length, 0);
  const end = new Uint8Array(END_BYTES);
  const view = new DataView(end.buffer);
  view.setUint32(0, END_SIGNATURE, true);
  view.setUint16(8, entries.length, true);
  view.setUint16(10, entries.length, true);
  view.setUint32(12, centralBytes, true);
  view.setUint32(16, offset, true);
  const all = new Uint8Array(offset + centralBytes + END_BYTES);
  let at = 0;
  for (const part of [...parts, ...central, end]) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function findEnd(view: DataView, fileName: string): number {
  const lowest = Math.max(0, view.byteLength - END_BYTES - 0xffff);
  for (let at = view.byteLength - END_BYTES; at >= lowest; at--) if (view.getUint32(at, true) === END_SIGNATURE) return at;
  throw new FormatError(`${fileName}: expected a ZIP archive, got no end record in ${view.byteLength} bytes.`, AGAIN);
}

/**
 * Reads a ZIP archive's stored and deflated entries, together at most `mostBytes` long once decompressed.
 * @throws FormatError naming the byte offset; LimitError beyond the limits; UnsupportedError for encryption, ZIP64 or other compressions.
 */
export async function readZip(bytes: Uint8Array, fileName: string, mostEntries: number, mostBytes: number): Promise<ZipEntry[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view, fileName);
  const count = view.getUint16(end + 10, true);
  if (count > mostEntries) throw new LimitError(`${fileName}: expected at most ${mostEntries} entries, got ${count}.`, 'Split the file.');
  const entries: ZipEntry[] = [];
  let remaining = mostBytes;
  let at = view.getUint32(end + 16, true);
  for (let index = 0; index < count; index++) {
    if (at + 46 > end || view.getUint32(at, true) !== CENTRAL_SIGNATURE) {
      throw new FormatError(`${fileName}, entry ${index} at byte ${at}: expected a directory record, got other bytes.`, AGAIN);
    }
    const nameLength = view.getUint16(at + 28, true);
    const next = at + 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end)
      throw new FormatError(
        `${fileName}, entry ${index} at byte ${at}: expected a name within the directory, got one of ${nameLength} bytes.`,
        AGAIN,
      );
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const content = await readEntry(bytes, view, at, `${fileName}, entry "${name.slice(0, 100)}"`, remaining);
    remaining -= content.length;
    entries.push({ name, bytes: content });
    at = next;
  }
  return entries;
}

async function readEntry(bytes: Uint8Array, view: DataView, record: number, what: string, mostBytes: number): Promise<Uint8Array> {
  const flags = view.getUint16(record + 8, true);
  const method = view.getUint16(record + 10, true);
  const crc = view.getUint32(record + 16, true);
  const packedBytes = view.getUint32(record + 20, true);
  const sizeBytes = view.getUint32(record + 24, true);
  const local = view.getUint32(record + 42, true);
  if (flags & 1) throw new UnsupportedError(`${what}: expected plain data, got an encrypted entry.`, 'Save it without a password.');
  if (packedBytes === 0xffff_ffff || sizeBytes === 0xffff_ffff || local === 0xffff_ffff) {
    throw new UnsupportedError(`${what}: expected less than 4 GB, got a ZIP64 entry.`, 'Save a smaller file.');
  }
  if (method !== 0 && method !== 8)
    throw new UnsupportedError(`${what}: expected stored or deflated data, got compression ${method}.`, AGAIN);
  if (sizeBytes > mostBytes)
    throw new LimitError(`${what}: expected at most ${mostBytes} bytes, got ${sizeBytes}.`, 'Save a smaller file.');
  if (local + 30 > bytes.length || view.getUint32(local, true) !== LOCAL_SIGNATURE) {
    throw new FormatError(`${what} at byte ${local}: expected a local header, got other bytes.`, AGAIN);
  }
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + packedBytes > bytes.length) {
    throw new FormatError(
      `${what} at byte ${start}: expected ${packedBytes} bytes, got ${Math.max(0, bytes.length - start)}.`,
      'The file is cut off: copy it again.',
    );
  }
  const packed = bytes.slice(start, start + packedBytes);
  const content = method === 0 ? packed : await inflateRaw(packed, sizeBytes, what);
  if (content.length !== sizeBytes || crc32(content) !== crc) {
    throw new FormatError(
      `${what} at byte ${start}: expected ${sizeBytes} bytes that match their checksum, got ${content.length} that do not.`,
      'The file is damaged: copy it again.',
    );
  }
  return content;
}
