import { endOf, type Piece } from './piece.js';

/**
 * The pieces that a staged file consists of, in their order and without a gap, out of everything that lies there.
 *
 * A writer that continues a file takes a higher generation and has cut off what lay behind its offset: so what a lower
 * generation has put is void where it reaches beyond the first byte of a higher one. Of pieces with the same beginning
 * the longest counts: small ones were joined. Two writers of one generation can only be when one of them was given up
 * while its last request was still on its way; which of them is right nobody can tell, so the file ends there.
 */
export function chainOf(found: readonly Piece[], attempt: string | undefined): readonly Piece[] {
  const own = found.filter((piece) => piece.attempt === undefined || piece.attempt === attempt);
  const contested = contestedGenerations(own);
  const longest = new Map<number, Piece>();
  for (const piece of withoutVoid(own)) {
    const other = longest.get(piece.start);
    if (other === undefined || other.size < piece.size) longest.set(piece.start, piece);
  }
  const chain: Piece[] = [];
  let next = longest.get(0);
  while (next !== undefined && !contested.has(next.generation)) {
    chain.push(next);
    if (next.size === 0) break;
    next = longest.get(endOf(next));
  }
  return chain;
}

/** Higher than that of any of the pieces. */
export function nextGeneration(found: readonly Piece[]): number {
  return found.reduce((highest, { generation }) => Math.max(highest, generation), 0) + 1;
}

function withoutVoid(pieces: readonly Piece[]): readonly Piece[] {
  const highestFirst = pieces.toSorted((one, other) => other.generation - one.generation);
  const kept: Piece[] = [];
  /** The first byte of what higher generations have put; and of this one, as far as it was looked at. */
  let [cut, begins, generation] = [Infinity, Infinity, Infinity];
  for (const piece of highestFirst) {
    if (piece.generation < generation) [cut, generation] = [Math.min(cut, begins), piece.generation];
    begins = Math.min(begins, piece.start);
    if (endOf(piece) <= cut) kept.push(piece);
  }
  return kept;
}

function contestedGenerations(pieces: readonly Piece[]): ReadonlySet<number> {
  const writers = new Map<number, string>();
  const contested = new Set<number>();
  for (const { generation, writer } of pieces) {
    const other = writers.get(generation) ?? writer;
    writers.set(generation, other);
    if (other !== writer) contested.add(generation);
  }
  return contested;
}
