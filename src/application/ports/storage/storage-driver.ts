import type { Digest, DigestAlgorithm } from '../../../domain/content/digest.js';
import type { RemovalOutcome } from './blob-removal.js';
import type { FileListing } from './file-listing.js';

/** A file to be written whole. */
export interface SmallFile {
  readonly path: string;
  readonly content: Uint8Array;
}

/**
 * A place for bytes, addressed by paths of `/`-separated segments below one root (`docker/registry/v2/blobs/…`).
 * The layout of those paths is not its business. Every adapter passes tests/contract/storage-driver.contract.ts.
 *
 * On an object store (`s3`) folders are implied: one is there while a file lies below it, it is never made or removed by
 * itself, it has no time, and a file may have its name. Nothing there has to be synced, and what is moved is copied.
 *
 * Faults of the medium are thrown as StorageFault; what is simply not there is `undefined` or `false`.
 */
export interface StorageDriver {
  readonly name: 'filesystem' | 'inmemory' | 's3';

  /** The folder of this machine (absolute) below which a path is that of a file; undefined where there are no files. */
  readonly root?: string | undefined;

  /** What is at the path; undefined when there is nothing. Links are followed. */
  stat(path: string): Promise<StorageStat | undefined>;

  /**
   * A small file whole; undefined when there is nothing. Rejects with StorageFault when it can not be read, is no file
   * (an implied folder is nothing) or has more than `most` bytes.
   */
  readContent(path: string, most: number): Promise<Uint8Array | undefined>;

  /**
   * Opens a file for reading; undefined when there is none. What is open stays readable after `remove` or `move`, on an
   * object store as long as it is read on from where reading began.
   * @param from where reading will begin (bytes), before the end of the file: an object store sends its one request for
   * it, and another when something else is read. 0 when it is left out
   */
  openReader(path: string, from?: number): Promise<StorageReader | undefined>;

  /**
   * Opens a file to continue it at `offset` (bytes), making it and its folders when `offset` is 0. Bytes behind
   * `offset` are cut off; at 0 an object store may do that with the first bytes that it keeps. Undefined when the file
   * is missing or shorter than `offset`: nothing is ever padded. Not for a path that was put whole.
   */
  openWriter(path: string, offset: number): Promise<StorageWriter | undefined>;

  /** Writes a small file whole. Readers see the old or the new content; it need not survive a power loss. */
  putContent(path: string, content: Uint8Array): Promise<void>;

  /**
   * The same for several, in this order: whoever finds one finds those before it. Where one can not be written, those
   * behind it are as they were.
   */
  putContents(files: readonly SmallFile[]): Promise<void>;

  /** The same, and when it resolves the file survives a power loss, and so does every folder on the way. */
  putDurably(path: string, content: Uint8Array): Promise<void>;

  /**
   * When it resolves, what `putContent` and `remove` have done at these paths survives a power loss. After a failure
   * nothing is known of any of them: write again, then flush again.
   */
  flushContent(paths: readonly string[]): Promise<void>;

  /**
   * Moves a file over whatever is at `to`, making folders as needed: whoever reads there finds what was there before or
   * the whole file. When it returns true, the move survives a power loss, and so does every folder on the way. An object
   * store copies: what was at `from` may still be there, and the caller removes it. False when there is no file at
   * `from`.
   */
  move(from: string, to: string): Promise<boolean>;

  /** After this, a file that is at the path is still found there after a power loss. Its bytes must be flushed already. */
  makeDurable(path: string): Promise<void>;

  /** Removes a file, or a folder with all that is in it. No fault when nothing is there. */
  remove(path: string): Promise<void>;

  /** Removes a file, and then its folder if nothing is left in it, but none above. No fault when nothing is there. */
  removeWithFolder(path: string): Promise<void>;

  /**
   * Opens a fence, through which files are removed until it is broken. Its path is used once and never again: a broken
   * fence does not come back. Rejects with StorageFault, and leaves no fence, when it can be told that nothing below
   * `tree` can be removed through it.
   */
  openFence(fence: string, tree: string): Promise<void>;

  /**
   * Removes a file, unless the fence is broken, and then the file's folder if nothing is left in it, but none above.
   * Whoever has the file open goes on reading it. Its space is free once the fence is broken.
   *
   * `gone`: no file is at the path, or none was. `fenced`: the fence is broken or was never opened; the path is as it
   * was. An object store also says so of a fence that another process has opened, or that was opened longer ago than its
   * removals may take. `unsure`, and whenever it rejects: it is not known which; the only thing that helps is to break
   * the fence.
   * @param taken where the file is kept until then: a path right in the fence, for this file alone
   */
  removeThroughFence(path: string, taken: string): Promise<RemovalOutcome>;

  /**
   * When it resolves, no `removeThroughFence` of this fence, begun earlier or later, by whatever process, changes a path
   * outside of it any more, and what was taken is freed. After a fault it may hold or not: call it again. It may be
   * called by several at once, and for a fence that is broken already. An object store waits until nothing that was sent
   * through the fence can take effect any more, which may take as long as a removal may.
   */
  breakFence(fence: string): Promise<void>;

  /**
   * Names of the fences in a folder that were opened before a moment (ms, as StorageStat tells it) and are not broken.
   * One that was used since may be left out.
   */
  fencesOpenedBefore(folder: string, moment: number): Promise<readonly string[]>;

  /**
   * Undefined where folders are real: they have times, may be links to others, and a look at one tells nothing of those
   * below it. Where it is there, a folder is nothing but how the paths of some files begin.
   */
  readonly listing?: FileListing | undefined;

  /** What is in a folder, in no order; empty when there is no folder. */
  list(path: string): Promise<readonly StorageEntry[]>;

  /**
   * When the last of these files and folders was changed (ms, as StorageStat tells it); undefined when none is there.
   * Implied folders count as not there.
   */
  newestOf(paths: readonly string[]): Promise<number | undefined>;

  /** Looks at `<folder>/<leaf>` for each folder in `path`: one look for many small files. */
  survey(path: string, leaf: string): Promise<StorageSurvey>;

  /**
   * The digest of the first `length` bytes of a file, computed off the event loop; undefined when the file is missing
   * or shorter. Rejects with the signal's reason when it is aborted.
   */
  hash(
    path: string,
    algorithm: DigestAlgorithm,
    length: number,
    signal: AbortSignal,
  ): Promise<Digest | undefined>;

  /** Removes what killed processes have left half-written, as far as it was last changed before `before` (ms). */
  removeLeftovers(before: number): Promise<void>;

  /**
   * An address at which anybody gets the file itself for so many seconds, whether it is there or not; undefined where
   * the storage has none.
   */
  linkTo(path: string, seconds: number): Promise<string | undefined>;

  /** Resolves when the medium answers; rejects with StorageFault when it does not. */
  probe(): Promise<void>;

  close(): Promise<void>;
}

/** A file of this machine that others can read as well. */
export interface LocalFile {
  /** Absolute. */
  readonly root: string;
  /** Below it. */
  readonly path: string;
}

export interface StorageEntry {
  readonly name: string;
  /** Of what a link leads to; `other` when it leads to nothing. */
  readonly kind: 'file' | 'folder' | 'other';
}

export interface StorageStat {
  readonly kind: StorageEntry['kind'];
  /** Bytes of a file. */
  readonly size: number;
  /**
   * When its content or its name last changed, ms of Unix time on the clock of the medium, which on an object store
   * ticks in seconds. 0 of an implied folder.
   */
  readonly changedAt: number;
  /** Of a folder that may be reached by several paths: the same by each of them. */
  readonly identity?: string;
}

export interface StorageSurvey {
  /** When the last of the leaves was changed, ms; undefined when there is none. */
  readonly newest: number | undefined;
  /** Folders without that leaf, by name and in no order. */
  readonly without: readonly string[];
}

/** An open file. Several readers of one path may share a descriptor. */
export interface StorageReader {
  /** Bytes. */
  readonly size: number;
  /** Fills `buffer` from `position` on and returns how many bytes it got; fewer than asked only at the end. */
  read(buffer: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * A file being written by its only writer. After a rejection of `write` or `flush` only `close` may be called. What a
 * caller counts as kept must be flushed: only that holds on every storage.
 */
export interface StorageWriter {
  /**
   * Appends the chunks in order. When it resolves, the chunks may be reused, and every byte survives `kill -9`; not so on
   * an object store, which gathers bytes in memory until they are worth a request, or are flushed.
   */
  write(chunks: readonly Uint8Array[]): Promise<void>;
  /**
   * When it resolves, every byte whose `write` was called before survives a power loss. A failed flush is final: it is
   * not repeated.
   */
  flush(): Promise<void>;
  /**
   * Waits for writes in flight, and flushes what an object store has gathered; after it nothing of this writer reaches
   * the file.
   */
  close(): Promise<void>;
}
