import { StorageFault } from '../../../../../application/ports/storage/storage-fault.js';
import { makeOfParts } from '../object-of-parts.js';
import type { ObjectStore, PutAnswer, UploadedPart } from '../object-store.js';
import { planParts, type PlannedPart } from './part-plan.js';
import { joinedName, type Piece } from './piece.js';
import type { PieceMemory } from './piece-memory.js';
import { readSlices, sizeOfSlices, wholeOf, type Slice } from './read-pieces.js';

const AT_ONCE = 8;
/** Parts that an object may have. */
const MOST_PARTS = 10_000;

/** Makes one object of many pieces. Whoever reads there finds what was there before or the whole. */
export class Assembly {
  readonly #store: ObjectStore;
  readonly #memory: PieceMemory;
  readonly #least: number;
  readonly #mostParts: number;

  /** @param least bytes that the store asks of every part but the last */
  constructor(store: ObjectStore, memory: PieceMemory, least: number, mostParts = MOST_PARTS) {
    this.#store = store;
    this.#memory = memory;
    this.#least = least;
    this.#mostParts = mostParts;
  }

  /** False when the only piece is gone or another by now. @throws StorageFault when one of several is */
  async assemble(pieces: readonly Piece[], to: string): Promise<boolean> {
    const [first, second] = pieces;
    if (first === undefined) return false;
    if (second === undefined) return this.#store.copy(first.key, to, first.etag, first.size);
    const slices = pieces.map(wholeOf);
    if (sizeOfSlices(slices) <= this.#least) await this.put(slices, to);
    else await this.#assembleParts(pieces, to);
    return true;
  }

  /** Reads bytes back and puts them as one object. */
  async put(slices: readonly Slice[], to: string, note?: string): Promise<PutAnswer> {
    return this.#withBytes(slices, (content) => this.#store.put(to, content, note));
  }

  async #assembleParts(pieces: readonly Piece[], to: string): Promise<void> {
    const parts = planParts(pieces, this.#least);
    if (parts.length > this.#mostParts) {
      await this.#assembleParts(await this.#inGroups(pieces), to);
      return;
    }
    await makeOfParts(this.#store, {
      key: to,
      sources: parts,
      width: AT_ONCE,
      makePart: (uploadId, number, part) => this.#makePart(to, uploadId, number, part),
    });
  }

  #makePart(to: string, uploadId: string, number: number, part: PlannedPart): Promise<UploadedPart> {
    if (part.kind === 'send') {
      return this.#withBytes(part.slices, (content) => this.#store.uploadPart(to, uploadId, number, content));
    }
    const { piece, start, end } = part.slice;
    const range = start === 0 && end === piece.size ? undefined : { start, end };
    return this.#store.copyPart(to, uploadId, number, piece.key, range, piece.etag);
  }

  async #withBytes<T>(slices: readonly Slice[], use: (content: readonly Buffer[]) => Promise<T>): Promise<T> {
    const slabs = await this.#memory.slabs(sizeOfSlices(slices));
    let isDone = false;
    try {
      const content = await readSlices(this.#store, slices, slabs);
      const used = await use(content);
      isDone = true;
      return used;
    } finally {
      this.#memory.giveBack(slabs, isDone);
    }
  }

  /** Pieces that are too many for one object are joined by the store first, so that half as many parts do. */
  async #inGroups(pieces: readonly Piece[]): Promise<readonly Piece[]> {
    const goal = Math.max(this.#least, Math.ceil(sizeOfSlices(pieces.map(wholeOf)) / (this.#mostParts / 2)));
    const joined: Piece[] = [];
    for (const group of groupsOf(pieces, goal)) {
      const [first, second] = group;
      if (first === undefined) continue;
      joined.push(second === undefined ? first : await this.#join(group));
    }
    return joined;
  }

  async #join(group: readonly Piece[]): Promise<Piece> {
    const name = joinedName(group);
    await this.assemble(group, name.key);
    const stored = await this.#store.head(name.key);
    if (stored === undefined) throw new StorageFault('broken', `cannot read ${name.key}: it is gone`);
    return { ...name, etag: stored.etag, modifiedAt: stored.modifiedAt };
  }
}

/** Neighbours that have so many bytes together, and what is left at the end. */
export function groupsOf(pieces: readonly Piece[], goal: number): readonly (readonly Piece[])[] {
  const groups: Piece[][] = [];
  let size = goal;
  for (const piece of pieces) {
    if (size >= goal) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)?.push(piece);
    size += piece.size;
  }
  return groups;
}
