import type { StoredObject } from '../object-store.js';

/*
 * A staged file is kept as pieces, objects of their own, since an object can not be appended to:
 *
 *   <key of the file>~0000000000000000                                           the anchor
 *   <key of the file>~<start>-<size>-<attempt>-<generation>-<writer>             any other piece
 *
 * Who begins a file makes an attempt: its first bytes replace the anchor, whose note is the attempt's random token, and
 * with that one request everything that earlier attempts have left is void, whether it is still there or arrives late. So
 * beginning a file asks for nothing. Who continues a file looks at what is there, cuts off what lies behind its offset and
 * takes a higher generation; so does the process that begins again what it has begun before, and leaves the anchor as it
 * is. Any other key is put once, always with the same bytes. So a request that was given up or repeated, and arrives late,
 * changes nothing; but for the anchor of a process that has failed while another begins anew: that file is then found too
 * short, and its client has to begin again.
 *
 * `~` is in no path of the layout, so a piece collides with nothing.
 */

/** Bytes of a staged file, from `start` on, as an object of their own. */
export interface Piece {
  readonly key: string;
  readonly start: number;
  readonly size: number;
  /** Undefined for the anchor, which belongs to the attempt that it names. */
  readonly attempt: string | undefined;
  /** Of its writer, higher than that of any before; 0 for the anchor. */
  readonly generation: number;
  /** Tells two writers apart that have taken the same generation. */
  readonly writer: string;
  readonly etag: string;
  /** ms of Unix time on the store's clock. */
  readonly modifiedAt: number;
}

export type PieceName = Pick<Piece, 'start' | 'size' | 'generation' | 'writer'> & {
  readonly attempt: string;
};

const NAME = /^(.+)~(\d{16})(?:-(\d+)-([0-9a-f]{16})-(\d+)-([0-9a-f]{8}))?$/s;
const FIRST = '0'.repeat(16);

export function anchorKey(file: string): string {
  return `${file}~${FIRST}`;
}

export function pieceKey(file: string, { start, size, attempt, generation, writer }: PieceName): string {
  return `${file}~${String(start).padStart(16, '0')}-${size}-${attempt}-${generation}-${writer}`;
}

/** How several pieces of a file are called as one, which counts before each of them. */
export function joinedName(pieces: readonly Piece[]): PieceName & { readonly key: string } {
  const [first, last] = [pieces[0], pieces.at(-1)];
  const file = last && fileOfPiece(last.key);
  if (file === undefined || last?.attempt === undefined || first === undefined) {
    throw new Error('there is nothing to join');
  }
  const { attempt, generation, writer } = last;
  const name = { start: first.start, size: endOf(last) - first.start, attempt, generation, writer };
  return { ...name, key: pieceKey(file, name) };
}

/** The file that an object is a piece of, by its key or the end of it; undefined when it is none. */
export function fileOfPiece(key: string): string | undefined {
  return NAME.exec(key)?.[1];
}

/** Undefined when the object is no piece. */
export function pieceOf({ key, size, etag, modifiedAt }: StoredObject): Piece | undefined {
  const [name, , start, , attempt, generation, writer = ''] = NAME.exec(key) ?? [];
  if (name === undefined) return undefined;
  const found = { key, start: Number(start), size, writer, etag, modifiedAt };
  if (attempt === undefined) return start === FIRST ? { ...found, attempt, generation: 0 } : undefined;
  return { ...found, attempt, generation: Number(generation) };
}

export function endOf({ start, size }: Pick<Piece, 'start' | 'size'>): number {
  return start + size;
}
