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

/** Fills the buffer with the slices, one behind the other. @throws StorageFault when a piece is not there any more */
export async function readSlices(
  store: ObjectStore,
  slices: readonly Slice[],
  buffer: Buffer,
): Promise<void> {
  let position = 0;
  const places = slices.map((slice) => {
    const place = buffer.subarray(position, position + slice.end - slice.start);
    position += place.length;
    return { slice, place };
  });
  const filled = places.filter(({ place }) => place.length > 0);
  await atOnce(AT_ONCE, filled, ({ slice, place }) => readSlice(store, slice, place));
}

async function readSlice(store: ObjectStore, slice: Slice, place: Buffer): Promise<void> {
  const { piece, start, end } = slice;
  const isWhole = start === 0 && end === piece.size;
  const body = await store.get(piece.key, isWhole ? undefined : { start, end }, piece.etag);
  if (body === undefined) throw new StorageFault('broken', `cannot read ${piece.key}: it is gone`);
  try {
    const got = await body.read(place);
    if (got < place.length) throw new StorageFault('broken', `cannot read ${piece.key}: it is cut off`);
  } finally {
    body.close();
  }
}
