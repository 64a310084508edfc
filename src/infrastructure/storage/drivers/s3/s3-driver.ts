import type { RemovalOutcome } from '../../../../application/ports/storage/blob-removal.js';
import type { FileListing } from '../../../../application/ports/storage/file-listing.js';
import type {
  SmallFile,
  StorageDriver,
  StorageEntry,
  StorageReader,
  StorageStat,
  StorageSurvey,
  StorageWriter,
} from '../../../../application/ports/storage/storage-driver.js';
import { StorageFault } from '../../../../application/ports/storage/storage-fault.js';
import type { Hashing } from '../../../../application/ports/system/hashing.js';
import type { Digest, DigestAlgorithm } from '../../../../domain/content/digest.js';
import { pathSegments } from '../path-segments.js';
import { atOnce } from './at-once.js';
import { BucketKeys } from './bucket-keys.js';
import { ExpiringFences, type FenceTimes } from './expiring-fences.js';
import { hashReader } from './hash-reader.js';
import { ImpliedFolders } from './implied-folders.js';
import { ObjectReader } from './object-reader.js';
import type { ObjectBody, ObjectStore } from './object-store.js';
import { removeBelow } from './remove-below.js';
import { S3FileListing } from './s3-file-listing.js';
import { sizeOfStaged, type StagedFile } from './staged/known-files.js';
import type { PieceMemory } from './staged/piece-memory.js';
import { StagedFiles } from './staged/staged-files.js';
import { wholeSeconds } from './store-time.js';

const AT_ONCE = 16;
/** Bytes that S3 asks of every part of an object but the last. */
const LEAST_PART = 5 * 1024 * 1024;

export interface S3DriverOptions {
  /** In the bucket. */
  readonly rootDirectory: string;
  /** Paths below which leftovers are removed: what lies elsewhere in the bucket may be others'. */
  readonly trees?: readonly string[];
  readonly fenceTimes?: FenceTimes;
  /** Bytes; only a store of tests asks for less than S3. */
  readonly leastPart?: number;
}

/** Storage in a bucket of a server that speaks S3. */
export class S3Driver implements StorageDriver {
  readonly name = 's3';
  readonly listing: FileListing;
  readonly #store: ObjectStore;
  readonly #hashing: Hashing;
  readonly #keys: BucketKeys;
  readonly #trees: readonly string[];
  readonly #folders: ImpliedFolders;
  readonly #staged: StagedFiles;
  readonly #fences: ExpiringFences;

  /** @param hashing stays its owner's */
  constructor(store: ObjectStore, hashing: Hashing, memory: PieceMemory, options: S3DriverOptions) {
    this.#store = store;
    this.#hashing = hashing;
    this.#keys = new BucketKeys(options.rootDirectory);
    this.#trees = (options.trees ?? []).map((tree) => this.#keys.of(tree));
    this.listing = new S3FileListing(store, this.#keys.root);
    this.#folders = new ImpliedFolders(store);
    this.#staged = new StagedFiles(store, memory, options.leastPart ?? LEAST_PART);
    this.#fences = new ExpiringFences(store, options.fenceTimes);
  }

  async stat(path: string): Promise<StorageStat | undefined> {
    const key = this.#keys.of(path);
    const stored = await this.#store.head(key);
    if (stored !== undefined) {
      return { kind: 'file', size: stored.size, changedAt: wholeSeconds(stored.modifiedAt) };
    }
    const [staged, isFolder] = await Promise.all([this.#statStaged(key), this.#folders.isThere(key)]);
    return staged ?? (isFolder ? { kind: 'folder', size: 0, changedAt: 0 } : undefined);
  }

  async readContent(path: string, most: number): Promise<Uint8Array | undefined> {
    const body = await this.#store.get(this.#keys.of(path));
    if (body === undefined) return undefined;
    try {
      return await readBody(body, path, most);
    } finally {
      body.close();
    }
  }

  async openReader(path: string, from = 0): Promise<StorageReader | undefined> {
    const key = this.#keys.of(path);
    const reader = await ObjectReader.open(this.#store, key, from);
    if (reader !== undefined) return reader;
    const staged = await this.#staged.look(key);
    return staged && this.#readPieces(staged);
  }

  async openWriter(path: string, offset: number): Promise<StorageWriter | undefined> {
    return this.#staged.open(this.#keys.of(path), path, offset);
  }

  async putContent(path: string, content: Uint8Array): Promise<void> {
    await this.#store.put(this.#keys.of(path), [content]);
  }

  async putContents(files: readonly SmallFile[]): Promise<void> {
    for (const { path, content } of files) await this.putContent(path, content);
  }

  async putDurably(path: string, content: Uint8Array): Promise<void> {
    await this.putContent(path, content);
  }

  /** What was answered is durable. */
  async flushContent(paths: readonly string[]): Promise<void> {
    for (const path of paths) this.#keys.of(path);
  }

  async makeDurable(path: string): Promise<void> {
    this.#keys.of(path);
  }

  async move(from: string, to: string): Promise<boolean> {
    const [source, target] = [this.#keys.of(from), this.#keys.of(to)];
    const moved = await this.#staged.move(source, target);
    return moved ?? this.#store.copy(source, target);
  }

  async remove(path: string): Promise<void> {
    const key = this.#keys.of(path);
    this.#staged.forgetBelow(key);
    await removeBelow(this.#store, key);
  }

  async removeWithFolder(path: string): Promise<void> {
    await this.#store.delete(this.#keys.of(path));
  }

  async openFence(fence: string, tree: string): Promise<void> {
    this.#keys.of(tree);
    await this.#fences.open(this.#keys.of(fence));
  }

  async removeThroughFence(path: string, taken: string): Promise<RemovalOutcome> {
    const key = this.#keys.of(path);
    const fence = pathSegments(taken).slice(0, -1).join('/');
    return this.#fences.remove(key, this.#keys.root + fence);
  }

  async breakFence(fence: string): Promise<void> {
    await this.#fences.break(this.#keys.of(fence));
  }

  async fencesOpenedBefore(folder: string, moment: number): Promise<readonly string[]> {
    return this.#fences.openedBefore(this.#keys.of(folder), moment);
  }

  async list(path: string): Promise<readonly StorageEntry[]> {
    return this.#folders.list(this.#keys.of(path));
  }

  async newestOf(paths: readonly string[]): Promise<number | undefined> {
    const keys = paths.map((path) => this.#keys.of(path));
    const times = await atOnce(AT_ONCE, keys, async (key) => {
      const stored = await this.#store.head(key);
      return stored?.modifiedAt ?? this.#staged.changedAt(key);
    });
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : wholeSeconds(Math.max(...known));
  }

  async survey(path: string, leaf: string): Promise<StorageSurvey> {
    pathSegments(leaf);
    return this.#folders.survey(this.#keys.of(path), leaf);
  }

  async hash(
    path: string,
    algorithm: DigestAlgorithm,
    length: number,
    signal: AbortSignal,
  ): Promise<Digest | undefined> {
    signal.throwIfAborted();
    const key = this.#keys.of(path);
    const known = this.#staged.known(key, length);
    const reader = known === undefined ? await this.#readToHash(key) : this.#readPieces(known);
    if (reader === undefined) return undefined;
    try {
      if (reader.size < length) return undefined;
      return await hashReader(reader, this.#hashing.begin(algorithm), length, signal);
    } catch (error) {
      this.#staged.forget(key);
      throw error;
    } finally {
      await reader.close();
    }
  }

  /** Objects that were never put together whole: nobody sees them, but they are paid for. */
  async removeLeftovers(before: number): Promise<void> {
    for (const tree of this.#trees) {
      for await (const { key, uploadId, startedAt } of this.#store.openMultiparts(`${tree}/`)) {
        if (startedAt < before) await this.#store.abortMultipart(key, uploadId);
      }
    }
  }

  async linkTo(path: string, seconds: number): Promise<string> {
    return this.#store.addressOf(this.#keys.of(path), seconds);
  }

  async probe(): Promise<void> {
    await this.#store.probe();
  }

  async close(): Promise<void> {
    await this.#store.close();
  }

  async #statStaged(key: string): Promise<StorageStat | undefined> {
    const file = await this.#staged.look(key);
    if (file === undefined) return undefined;
    const changedAt = Math.max(...file.pieces.map(({ modifiedAt }) => modifiedAt));
    return { kind: 'file', size: sizeOfStaged(file), changedAt: wholeSeconds(changedAt) };
  }

  async #readToHash(key: string): Promise<ObjectReader | undefined> {
    const reader = await ObjectReader.open(this.#store, key, 0);
    if (reader !== undefined) return reader;
    const staged = await this.#staged.learn(key);
    return staged && this.#readPieces(staged);
  }

  #readPieces({ pieces }: StagedFile): ObjectReader {
    return new ObjectReader(this.#store, pieces);
  }
}

async function readBody(body: ObjectBody, path: string, most: number): Promise<Uint8Array> {
  if (body.size > most) {
    // The system's word, by which damage is told.
    throw new StorageFault('broken', `cannot read ${path}: EFBIG`);
  }
  const content = new Uint8Array(body.size);
  const got = await body.read(content);
  if (got < content.length) throw new StorageFault('broken', `cannot read ${path}: it is cut off`);
  return content;
}
