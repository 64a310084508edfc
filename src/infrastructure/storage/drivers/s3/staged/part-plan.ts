import type { Piece } from './piece.js';
import { sizeOfSlices, wholeOf, type Slice } from './read-pieces.js';

/** A part of an object: a piece, or a range of one, that the store copies by itself, or bytes that are read and sent. */
export type PlannedPart =
  | { readonly kind: 'copy'; readonly slice: Slice }
  | { readonly kind: 'send'; readonly slices: readonly Slice[] };

/**
 * How pieces become the parts of one object, in their order. Every part but the last has at least `least` bytes. What is
 * smaller is sent together with as many of its neighbours' bytes as it lacks.
 */
export function planParts(pieces: readonly Piece[], least: number): readonly PlannedPart[] {
  const parts: PlannedPart[] = [];
  let small: Slice[] = [];
  const send = (...more: readonly Slice[]): void => {
    parts.push({ kind: 'send', slices: [...small, ...more] });
    small = [];
  };
  for (const piece of pieces) {
    const lacking = small.length === 0 ? 0 : least - sizeOfSlices(small);
    const rest = piece.size - lacking;
    if (rest >= least) {
      if (lacking > 0) send({ piece, start: 0, end: lacking });
      parts.push({ kind: 'copy', slice: { piece, start: lacking, end: piece.size } });
    } else if (rest >= 0 && lacking > 0) send(wholeOf(piece));
    else small.push(wholeOf(piece));
  }
  if (small.length > 0) send();
  return parts;
}
