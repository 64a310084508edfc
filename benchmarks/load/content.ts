import { createHash, randomBytes } from 'node:crypto';

const CHUNK = randomBytes(1 << 20);

/** Bytes that were never pushed before, made again at each iteration instead of kept in memory. */
export interface Content {
  readonly size: number;
  readonly digest: string;
  chunks(): Iterable<Buffer>;
}

export function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function* repeat(first: Buffer, size: number): Iterable<Buffer> {
  yield first;
  for (let left = size - first.length; left > 0; left -= CHUNK.length) {
    yield left >= CHUNK.length ? CHUNK : CHUNK.subarray(0, left);
  }
}

/** @param size bytes, at least 16. Only the first bytes differ from one content to the next: no registry looks for more. */
export function freshContent(size: number): Content {
  const first = Buffer.concat([randomBytes(16), CHUNK.subarray(16, Math.min(size, CHUNK.length))]);
  const hash = createHash('sha256');
  for (const chunk of repeat(first, size)) hash.update(chunk);
  return { size, digest: `sha256:${hash.digest('hex')}`, chunks: () => repeat(first, size) };
}
