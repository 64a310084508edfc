import type { StorageWriter } from '../../../../../application/ports/storage/storage-driver.js';
import type { ObjectStore } from '../object-store.js';
import { Gather } from './gather.js';
import { withoutGap } from './chain.js';
import { endOf, type Piece } from './piece.js';
import type { Gatherer, PieceMemory } from './piece-memory.js';
import type { SmallEnd } from './small-end.js';

/** Pieces of one writer that are on their way at once. */
const AT_ONCE = 4;

/** A piece that is to be put. */
export type NewPiece = Omit<Piece, 'etag' | 'modifiedAt'> & { readonly note?: string };

export interface WriterTools {
  readonly store: ObjectStore;
  readonly memory: PieceMemory;
  readonly smallEnd: SmallEnd;
  /** Bytes. */
  readonly leastPart: number;
}

/** What a writer asks and tells of its file. */
export interface WrittenFile {
  /** How the piece with these bytes is called. */
  nameOf(start: number, size: number): NewPiece;
  /** What the store has of it now. */
  kept(pieces: readonly Piece[]): void;
  /** It is not known any more what the store has. */
  failed(): void;
}

/** Writes a staged file as pieces. Several are on their way at once; the next one gathers meanwhile. */
export class PieceWriter implements StorageWriter, Gatherer {
  readonly #path: string;
  readonly #file: WrittenFile;
  readonly #tools: WriterTools;
  readonly #gather: Gather;
  readonly #sending = new Set<Promise<void>>();
  /** As they were answered. */
  readonly #pieces: Piece[];
  /** Where the gathered bytes begin. */
  #start: number;
  /** Whether the file is there, or will be with what is on its way. */
  #begun: boolean;
  /** A flushed piece that is too small to stay: its bytes are still gathered, and go again with those that follow. */
  #tail: { readonly size: number; readonly sending: Promise<void> } | undefined;
  #last: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  #closing: Promise<void> | undefined;

  /** @param pieces what the file consists of, up to where it is continued */
  constructor(path: string, pieces: readonly Piece[], file: WrittenFile, tools: WriterTools) {
    this.#path = path;
    this.#pieces = [...pieces];
    this.#begun = pieces.length > 0;
    this.#file = file;
    this.#tools = tools;
    this.#gather = new Gather(tools.memory);
    const last = pieces.at(-1);
    this.#start = last === undefined ? 0 : endOf(last);
    tools.memory.enter(this);
  }

  get gathered(): number {
    return this.#gather.size > 0 ? this.#gather.capacity : 0;
  }

  spill(): void {
    if (this.#fresh > 0) this.#send();
    else void this.#settle();
  }

  /** Bytes that are gathered and not flushed. */
  get #fresh(): number {
    return this.#gather.size - (this.#tail?.size ?? 0);
  }

  write(chunks: readonly Uint8Array[]): Promise<void> {
    const before = this.#last;
    const write = this.#run('write', async () => {
      await before;
      for (const chunk of chunks) await this.#append(chunk);
    });
    this.#last = settled(write);
    return write;
  }

  async flush(): Promise<void> {
    await this.#run('flush', () => this.#flush());
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #append(chunk: Uint8Array): Promise<void> {
    for (let done = 0; done < chunk.length;) {
      this.#rethrow();
      const room = this.#tools.memory.pieceSize(this.#start) - this.#gather.size;
      if (room <= 0) await this.#sendInTurn();
      else if (this.#gather.isFull) await this.#gather.grow();
      else done += this.#gather.add(chunk.subarray(done, done + room));
      this.#tools.memory.press();
    }
  }

  async #sendInTurn(): Promise<void> {
    while (this.#sending.size >= AT_ONCE) await Promise.race(this.#sending);
    this.spill();
  }

  /** Also when nothing was gathered: an empty file is one too. */
  async #flush(): Promise<void> {
    await this.#last;
    this.#rethrow();
    if (this.#fresh > 0 || !this.#begun) this.#sendToFlush();
    await Promise.all(this.#sending);
    this.#rethrow();
    this.#file.kept(withoutGap(this.#pieces));
  }

  /** What goes again has to grow as much as it was: so nothing is sent more than a few times, however often it is flushed. */
  #sendToFlush(): void {
    const { content, size } = this.#gather.look();
    const isSmall = size < this.#tools.leastPart && this.#fresh >= (this.#tail?.size ?? 0);
    if (!isSmall) this.#send();
    else this.#tail = { size, sending: this.#begin(content, size) };
  }

  #send(): void {
    const { content, slabs, size } = this.#gather.take();
    const sending = this.#begin(content, size);
    void this.#leave(size, slabs, sending);
  }

  /** The flushed piece stays as it is. */
  async #settle(): Promise<void> {
    const { slabs, size } = this.#gather.take();
    await this.#leave(size, slabs);
  }

  /** The next piece begins behind these bytes; their memory is free once nothing that has them is on its way. */
  async #leave(size: number, slabs: readonly Buffer[], last?: Promise<void>): Promise<void> {
    const flushing = this.#tail?.sending;
    this.#start += size;
    this.#tail = undefined;
    await flushing;
    await last;
    this.#tools.memory.giveBack(slabs, this.#failure === undefined);
  }

  /** Its failure is told by whatever is called next. */
  #begin(content: readonly Buffer[], size: number): Promise<void> {
    const sending = this.#put(this.#file.nameOf(this.#start, size), content).finally(() =>
      this.#sending.delete(sending),
    );
    this.#begun = true;
    this.#sending.add(sending);
    return sending;
  }

  async #put({ note, ...piece }: NewPiece, content: readonly Buffer[]): Promise<void> {
    try {
      if (this.#failure !== undefined) return;
      const { etag, now } = await this.#tools.store.put(piece.key, content, note);
      this.#pieces.push({ ...piece, etag, modifiedAt: now });
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  async #close(): Promise<void> {
    const { memory } = this.#tools;
    try {
      await this.#last;
      if (this.#failure === undefined) await this.#finish();
    } finally {
      await Promise.all(this.#sending);
      await this.#settle();
      memory.leave(this);
      if (this.#failure !== undefined) this.#file.failed();
    }
  }

  async #finish(): Promise<void> {
    try {
      await this.#flush();
      this.#file.kept(await this.#tools.smallEnd.join(withoutGap(this.#pieces)));
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }

  async #run(what: 'write' | 'flush', call: () => Promise<void>): Promise<void> {
    if (this.#closing !== undefined) throw new Error(`cannot ${what} ${this.#path}: it is closed`);
    this.#rethrow();
    try {
      await call();
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }

  #rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/** Whether it went well is told to who called; here only its end counts. */
async function settled(call: Promise<void>): Promise<void> {
  await Promise.allSettled([call]);
}
