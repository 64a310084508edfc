import { endOf, type Piece } from './piece.js';

/**
 * The pieces that a staged file consists of, in their order and without a gap, out of everything that lies there.
 *
 * A writer that continues a file takes a higher generation and has cut off what lay behind its offset: so what a lower
 * generation has put is void where it reaches beyond the first byte of a higher one. Of pieces with the same beginning
 * the longest counts, which has the bytes of the others and more. Two writers of one generation can only be when one of them was given up
 * while its last request was still on its way; which of them is right nobody can tell, so the file ends there.
 */
export function chainOf(found: readonly Piece[], attempt: string | undefined): readonly Piece[] {
  const own = found.filter((piece) => piece.attempt === undefined || piece.attempt === attempt);
  const contested = contestedGenerations(own);
  const chain = withoutGap(withoutVoid(own));
  const end = chain.findIndex(({ generation }) => contested.has(generation));
  return end < 0 ? chain : chain.slice(0, end);
}

/** Pieces one behind the other from the first byte on, the longest where several begin. */
export function withoutGap(pieces: readonly Piece[]): readonly Piece[] {
  const longest = new Map<number, Piece>();
  for (const piece of pieces) {
    const other = longest.get(piece.start);
    if (other === undefined || other.size < piece.size) longest.set(piece.start, piece);
  }
  const chain: Piece[] = [];
  let next = longest.get(0);
  while (next !== undefined) {
    chain.push(next);
    next = next.size === 0 ? undefined : longest.get(endOf(next));
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
  /**
   * The first byte of what counts of higher generations; and of this one, as far as it was looked at. What does not count
   * cuts nothing: who cuts a piece that is there puts what is left of it, so one that merely ends behind a cut came late.
   */
  let [cut, begins, generation] = [Infinity, Infinity, Infinity];
  for (const piece of highestFirst) {
    if (piece.generation < generation) [cut, generation] = [Math.min(cut, begins), piece.generation];
    if (endOf(piece) > cut) continue;
    kept.push(piece);
    begins = Math.min(begins, piece.start);
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
