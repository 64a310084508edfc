import { StorageFault } from '../../../../../application/ports/storage/storage-fault.js';
import { atOnce } from '../at-once.js';
import type { ObjectStore } from '../object-store.js';
import type { Piece } from './piece.js';

const AT_ONCE = 8;

/** Bytes of a piece, from `start` on to `end`, both counted in the piece. */
export interface Slice {
  readonly piece: Piece;
  readonly start: number;
  readonly end: number;
}

export function wholeOf(piece: Piece): Slice {
  return { piece, start: 0, end: piece.size };
}

export function sizeOfSlices(slices: readonly Slice[]): number {
  return slices.reduce((sum, { start, end }) => sum + end - start, 0);
}

/**
 * Fills buffers with the slices, one behind the other.
 * @param buffers with room for all of them
 * @returns the parts of the buffers that were filled
 * @throws StorageFault when a piece is not there any more
 */
export async function readSlices(
  store: ObjectStore,
  slices: readonly Slice[],
  buffers: readonly Buffer[],
): Promise<readonly Buffer[]> {
  const room = new Room(buffers);
  const filled = slices
    .filter(({ start, end }) => end > start)
    .map((slice) => ({ slice, places: room.take(slice.end - slice.start) }));
  await atOnce(AT_ONCE, filled, ({ slice, places }) => readSlice(store, slice, places));
  return filled.flatMap(({ places }) => places);
}

/** Hands out buffers one behind the other, in pieces of any size. */
class Room {
  readonly #buffers: readonly Buffer[];
  #at = 0;
  #used = 0;

  constructor(buffers: readonly Buffer[]) {
    this.#buffers = buffers;
  }

  take(bytes: number): readonly Buffer[] {
    const places: Buffer[] = [];
    for (let left = bytes; left > 0;) {
      const buffer = this.#buffers[this.#at];
      if (buffer === undefined) throw new Error(`there is no room for ${left} more bytes`);
      const place = buffer.subarray(this.#used, this.#used + left);
      places.push(place);
      left -= place.length;
      this.#used += place.length;
      if (this.#used < buffer.length) continue;
      this.#at += 1;
      this.#used = 0;
    }
    return places;
  }
}

async function readSlice(store: ObjectStore, slice: Slice, places: readonly Buffer[]): Promise<void> {
  const { piece, start, end } = slice;
  const isWhole = start === 0 && end === piece.size;
  const body = await store.get(piece.key, isWhole ? undefined : { start, end }, piece.etag);
  if (body === undefined) throw new StorageFault('broken', `cannot read ${piece.key}: it is gone`);
  try {
    for (const place of places) {
      const got = await body.read(place);
      if (got < place.length) throw new StorageFault('broken', `cannot read ${piece.key}: it is cut off`);
    }
  } finally {
    body.close();
  }
}
