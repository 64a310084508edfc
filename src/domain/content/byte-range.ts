import { RegistryError } from '../errors.js';

/** Bytes `start` to `end` of some content, both inclusive and counted from 0. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The content has no byte of the range asked for; `size` goes into `Content-Range: bytes *\/size` (RFC 9110 15.5.17). */
export class RangeNotSatisfiable extends RegistryError {
  override readonly name = 'RangeNotSatisfiable';
  readonly size: number;

  constructor(size: number) {
    super('RANGE_NOT_SATISFIABLE', `the content has ${size} bytes and none of them is in the range`);
    this.size = size;
  }
}

const CHUNK = /^([0-9]{1,16})-([0-9]{1,16})$/;
const SINGLE = /^bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*$/;

/**
 * The `Content-Range` of a chunk: `start-end`, without unit or total (OCI end-5). Undefined when it is not of that
 * form or ends before it starts.
 */
export function parseChunkRange(text: string): ByteRange | undefined {
  const [, start, end] = CHUNK.exec(text) ?? [];
  const range = { start: Number(start), end: Number(end) };
  const sound = start !== undefined && Number.isSafeInteger(range.end) && range.start <= range.end;
  return sound ? range : undefined;
}

/**
 * Which bytes a `Range` header asks for. Undefined means the whole content: no header, another unit, several ranges
 * (RFC 9110 14.2 lets a server ignore them), a malformed one, or no content: some clients send `bytes=0-` always.
 * @throws RangeNotSatisfiable when a well-formed single range names no byte of the content.
 */
export function resolveRange(header: string | undefined, size: number): ByteRange | undefined {
  if (header === undefined || size === 0) return undefined;
  const [, first, last] = SINGLE.exec(header) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  const range = first === '' ? suffix(Number(last), size) : slice(Number(first), last, size);
  if (range.start > range.end || range.start >= size) throw new RangeNotSatisfiable(size);
  return range;
}

function suffix(length: number, size: number): ByteRange {
  return { start: Math.max(0, size - length), end: length === 0 ? -1 : size - 1 };
}

function slice(start: number, last: string, size: number): ByteRange {
  return { start, end: last === '' ? size - 1 : Math.min(Number(last), size - 1) };
}
