import { createHash } from 'node:crypto';
import { Digest } from '../../domain/content/digest.js';
import type { BlobStore } from '../ports/storage/blob-store.js';
import type { CopyTarget } from '../ports/storage/copy-target.js';
import type { StorageReader } from '../ports/storage/storage-driver.js';
import { StorageFault } from '../ports/storage/storage-fault.js';
import type { StoredTree, TreeDamage } from '../ports/storage/stored-tree.js';
import { AtMost } from './at-most.js';
import { BatchBudget } from './batch-budget.js';
import { damageOfFault } from './damage-of-fault.js';
import { StagedWriter } from './staged-writer.js';

/** Bytes up to which a blob is put in one step, from memory. */
const WHOLE = 4 * 1024 * 1024;
/** Bytes that are read at once of a longer one. */
const PIECE = 256 * 1024;
/** Longer ones at once: few write in large pieces, which is what an object store wants. */
const LONG_ONES = 4;
/** Blobs of the target that are read at once: one thread hashes them all. */
const VERIFIED = 4;

/** `gone`: the source has it no more. */
export type BlobOutcome =
  { readonly kind: 'there' | 'copied' | 'gone' } | { readonly kind: 'damaged'; readonly damage: TreeDamage };

export interface BlobCopyRequest {
  readonly digest: Digest;
  /** Reads what the target has already; otherwise its size is enough. */
  readonly verify: boolean;
  /** Called with bytes that were copied, while they are. */
  readonly moved: (bytes: number) => void;
  readonly signal: AbortSignal;
}

type Sizes = Pick<StoredTree, 'blobSize'>;

/** What is read from. */
export interface CopiedContent {
  readonly blobs: BlobStore;
  readonly tree: Sizes;
  /** Rejects with StorageFault when nothing can be read any more. */
  probe(): Promise<void>;
}

/** Copies blobs from one storage to another. No byte comes to the path of a digest before all of them were hashed. */
export class BlobCopy {
  readonly #source: CopiedContent;
  readonly #target: BlobStore;
  readonly #sizes: Sizes;
  readonly #incoming: CopyTarget;
  readonly #batches = new BatchBudget();
  readonly #longOnes = new AtMost(LONG_ONES);
  readonly #verified = new AtMost(VERIFIED);

  constructor(
    source: CopiedContent,
    target: { readonly blobs: BlobStore; readonly tree: Sizes; readonly copy: CopyTarget },
  ) {
    this.#source = source;
    this.#target = target.blobs;
    this.#sizes = target.tree;
    this.#incoming = target.copy;
  }

  /**
   * When it resolves, a blob that was copied survives a power loss.
   * @throws StorageFault of the target, or when the source can not be read at all; the signal's reason
   */
  async copy(request: BlobCopyRequest): Promise<BlobOutcome> {
    try {
      return await this.#copy(request);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      await this.#source.probe();
      return { kind: 'damaged', damage: damageOfFault(error.cause, this.#pathOf(request), undefined) };
    }
  }

  async #copy(request: BlobCopyRequest): Promise<BlobOutcome> {
    const size = await reading(this.#source.tree.blobSize(request.digest));
    if (size === undefined) return { kind: 'gone' };
    if (await this.#isThere(request, size)) return { kind: 'there' };
    // Opened in its turn: nobody lets an answer wait for that.
    if (size > WHOLE) return this.#longOnes.run(() => this.#transfer(request));
    return this.#transfer(request);
  }

  async #transfer(request: BlobCopyRequest): Promise<BlobOutcome> {
    const reader = await reading(this.#source.blobs.open(request.digest));
    if (reader === undefined) return { kind: 'gone' };
    try {
      const isSound = await (reader.size <= WHOLE
        ? this.#put(request, reader)
        : this.#stage(request, reader));
      if (isSound) return { kind: 'copied' };
      const reason = 'has other bytes than its digest says';
      return { kind: 'damaged', damage: { path: this.#pathOf(request), repository: undefined, reason } };
    } finally {
      await reading(reader.close());
    }
  }

  /** An empty file is what a power loss leaves of any blob, so that its size says nothing. */
  async #isThere({ digest, verify, signal }: BlobCopyRequest, size: number): Promise<boolean> {
    if ((await this.#sizes.blobSize(digest)) !== size) return false;
    if (!verify && size > 0) return true;
    return this.#verified.run(() => this.#target.verify(digest, size, signal));
  }

  async #put({ digest, moved }: BlobCopyRequest, reader: StorageReader): Promise<boolean> {
    const buffer = Buffer.allocUnsafe(reader.size);
    const got = reader.size === 0 ? 0 : await reading(reader.read(buffer, 0));
    const content = buffer.subarray(0, got);
    if (!Digest.of(digest.algorithm, content).equals(digest)) return false;
    await this.#target.put(digest, content);
    moved(got);
    return true;
  }

  async #stage(request: BlobCopyRequest, reader: StorageReader): Promise<boolean> {
    const isSound = await this.#write(request, reader);
    if (isSound) await this.#incoming.place(request.digest);
    else await this.#incoming.discard(request.digest);
    return isSound;
  }

  async #write(request: BlobCopyRequest, reader: StorageReader): Promise<boolean> {
    const file = await this.#incoming.openWriter(request.digest);
    this.#batches.enter();
    try {
      const writer = new StagedWriter(file, undefined, this.#batches);
      const computed = await drain(request, reader, writer);
      const isSound = computed.equals(request.digest);
      if (isSound) await writer.finish();
      return isSound;
    } finally {
      this.#batches.leave();
      await file.close();
    }
  }

  #pathOf({ digest }: BlobCopyRequest): string {
    return this.#incoming.pathOf(digest);
  }
}

async function drain(
  { digest, moved, signal }: BlobCopyRequest,
  reader: StorageReader,
  writer: StagedWriter,
): Promise<Digest> {
  const hash = createHash(digest.algorithm);
  for (let position = 0; position < reader.size;) {
    signal.throwIfAborted();
    // A new one each time: the writer keeps some until they are worth a write.
    const buffer = Buffer.allocUnsafeSlow(Math.min(PIECE, reader.size - position));
    const got = await reading(reader.read(buffer, position));
    if (got === 0) break;
    const piece = buffer.subarray(0, got);
    hash.update(piece);
    await writer.write(piece);
    position += got;
    moved(got);
  }
  return Digest.fromHash(digest.algorithm, hash);
}

/** A fault of the source, told from those of the target. */
class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

async function reading<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof StorageFault) throw new Unreadable(error.message, { cause: error });
    throw error;
  }
}
