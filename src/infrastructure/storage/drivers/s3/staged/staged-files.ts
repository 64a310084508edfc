import { randomBytes } from 'node:crypto';
import { StorageFault } from '../../../../../application/ports/storage/storage-fault.js';
import type { ObjectStore } from '../object-store.js';
import { Assembly } from './assembly.js';
import { chainOf, nextGeneration } from './chain.js';
import { KnownFiles, sizeOfStaged, type StagedFile } from './known-files.js';
import { anchorKey, endOf, pieceKey, pieceOf, type Piece } from './piece.js';
import type { PieceMemory } from './piece-memory.js';
import { PieceWriter, type NewPiece, type WriterTools } from './piece-writer.js';
import { SmallEnd } from './small-end.js';

/** What lies there of a staged file. */
interface Found {
  /** The file; undefined when it has no beginning. */
  readonly file: StagedFile | undefined;
  /** Whatever has ever been a piece of it. */
  readonly pieces: readonly Piece[];
}

interface Identity {
  readonly attempt: string;
  readonly generation: number;
  readonly writer: string;
}

/** The files that are being written, each as the pieces that lie behind its key. */
export class StagedFiles {
  readonly #known = new KnownFiles();
  readonly #store: ObjectStore;
  readonly #assembly: Assembly;
  readonly #tools: WriterTools;
  #lastGeneration = 0;

  /** @param least bytes that the store asks of every part of an object but the last */
  constructor(store: ObjectStore, memory: PieceMemory, least: number) {
    this.#store = store;
    this.#assembly = new Assembly(store, memory, least);
    const smallEnd = new SmallEnd(store, this.#assembly, least);
    this.#tools = { store, memory, smallEnd, leastPart: least };
  }

  /** As this process has left it; undefined when it does not know, or knows of fewer bytes than there must be. */
  known(key: string, least: number): StagedFile | undefined {
    const file = this.#known.file(key);
    return file !== undefined && sizeOfStaged(file) >= least ? file : undefined;
  }

  /** As it lies in the store. */
  async look(key: string): Promise<StagedFile | undefined> {
    const { file } = await this.#look(key);
    return file;
  }

  /** The same, and what was seen is what will be moved. */
  async learn(key: string): Promise<StagedFile | undefined> {
    const file = await this.look(key);
    if (file !== undefined) this.#known.remember(key, file);
    return file;
  }

  /** When the last of what belongs to it was put, ms; undefined when there is nothing. */
  async changedAt(key: string): Promise<number | undefined> {
    const pieces = await this.#list(key);
    return pieces.length === 0 ? undefined : Math.max(...pieces.map(({ modifiedAt }) => modifiedAt));
  }

  forget(key: string): void {
    this.#known.forget(key);
  }

  forgetBelow(key: string): void {
    this.#known.forgetBelow(key);
  }

  /** Undefined when there is no such file. */
  async move(key: string, to: string): Promise<boolean | undefined> {
    const file = this.#known.file(key) ?? (await this.look(key));
    if (file === undefined) return undefined;
    let moved = false;
    try {
      moved = await this.#assembly.assemble(file.pieces, to);
      return moved;
    } finally {
      if (!moved) this.#known.forget(key);
    }
  }

  /** @param path as it is told to people */
  async open(key: string, path: string, offset: number): Promise<PieceWriter | undefined> {
    const former = this.#known.file(key);
    this.#known.forget(key);
    if (offset > 0) return this.#continue(key, path, offset);
    await this.#remove(former?.pieces ?? []);
    const attempt = await this.#attemptAgain(key);
    if (attempt !== undefined) return this.#writer(key, path, this.#identity(attempt), []);
    const begun = randomBytes(8).toString('hex');
    this.#known.begin(key, begun);
    return this.#writer(key, path, this.#identity(begun), [], begun);
  }

  /** The attempt that this process has begun here before, if nobody has begun another since; it has an anchor then. */
  async #attemptAgain(key: string): Promise<string | undefined> {
    const attempt = this.#known.attempt(key);
    if (attempt === undefined) return undefined;
    const anchor = await this.#store.head(anchorKey(key));
    if (anchor === undefined) await this.#store.put(anchorKey(key), [], attempt);
    return anchor === undefined || anchor.note === attempt ? attempt : undefined;
  }

  async #continue(key: string, path: string, offset: number): Promise<PieceWriter | undefined> {
    const { file, pieces } = await this.#look(key);
    if (file === undefined || sizeOfStaged(file) < offset) return undefined;
    const identity = this.#identity(file.attempt, pieces);
    const kept = file.pieces.filter((piece) => endOf(piece) <= offset);
    const cut = file.pieces.find((piece) => piece.start < offset && endOf(piece) > offset);
    if (cut !== undefined) kept.push(await this.#cut(key, cut, offset, identity));
    const keys = new Set(kept.map((piece) => piece.key));
    await this.#remove(pieces.filter((piece) => !keys.has(piece.key)));
    return this.#writer(key, path, identity, kept);
  }

  /** The time, so that it is higher than what another process has sent but nobody has seen; but never lower than seen. */
  #identity(attempt: string, pieces: readonly Piece[] = []): Identity {
    const generation = Math.max(Date.now(), this.#lastGeneration + 1, nextGeneration(pieces));
    this.#lastGeneration = generation;
    return { attempt, generation, writer: randomBytes(4).toString('hex') };
  }

  /** What is left of a piece is put anew, and counts before it. */
  async #cut(key: string, piece: Piece, offset: number, identity: Identity): Promise<Piece> {
    const name = named(key, piece.start, offset - piece.start, identity);
    const slice = { piece, start: 0, end: name.size };
    const { etag, now } = await this.#assembly.put([slice], name.key);
    return { ...name, etag, modifiedAt: now };
  }

  /** All but the anchor, which tells whose the others are. */
  async #remove(pieces: readonly Piece[]): Promise<void> {
    const keys = pieces.filter(({ attempt }) => attempt !== undefined).map((piece) => piece.key);
    if (keys.length > 0) await this.#store.deleteAll(keys);
  }

  /** @param note of the anchor, when it is this writer who puts it */
  #writer(
    key: string,
    path: string,
    identity: Identity,
    pieces: readonly Piece[],
    note?: string,
  ): PieceWriter {
    const { attempt } = identity;
    let anchor = note;
    const nameOf = (start: number, size: number): NewPiece => {
      if (anchor === undefined) return named(key, start, size, identity);
      const name = { key: anchorKey(key), attempt: undefined, generation: 0, writer: '', note: anchor };
      anchor = undefined;
      return { ...name, start, size };
    };
    const kept = (now: readonly Piece[]): void => this.#known.remember(key, { attempt, pieces: now });
    const failed = (): void => this.#known.forget(key);
    return new PieceWriter(path, pieces, { nameOf, kept, failed }, this.#tools);
  }

  async #look(key: string): Promise<Found> {
    const listed = await this.#list(key);
    if (listed.length === 0) return { file: undefined, pieces: listed };
    const anchor = await this.#store.head(anchorKey(key));
    const first = anchor && pieceOf(anchor);
    if (first === undefined) return { file: undefined, pieces: listed };
    if (anchor?.note === undefined) {
      throw new StorageFault(
        'broken',
        `cannot continue ${key}: the store has lost the metadata of ${first.key}`,
      );
    }
    // As it is now, with the note that belongs to it.
    const pieces = [first, ...listed.filter(({ attempt }) => attempt !== undefined)];
    const chain = chainOf(pieces, anchor.note);
    return { file: chain.length === 0 ? undefined : { attempt: anchor.note, pieces: chain }, pieces };
  }

  async #list(key: string): Promise<readonly Piece[]> {
    const pieces: Piece[] = [];
    for await (const { objects } of this.#store.list({ prefix: `${key}~` })) {
      pieces.push(...objects.map(pieceOf).filter((piece) => piece !== undefined));
    }
    return pieces;
  }
}

function named(key: string, start: number, size: number, identity: Identity): Omit<NewPiece, 'note'> {
  const name = { start, size, ...identity };
  return { ...name, key: pieceKey(key, name) };
}
