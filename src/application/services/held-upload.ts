import { SizeInvalid } from '../../domain/content/blob-errors.js';
import type { Digest, DigestAlgorithm } from '../../domain/content/digest.js';
import { UploadOutOfOrder, UploadUnknown } from '../../domain/upload/upload-errors.js';
import type { UploadSession } from '../../domain/upload/upload-session.js';
import type { StorageWriter } from '../ports/storage/storage-driver.js';
import type { StagedFile, UploadStore } from '../ports/storage/upload-store.js';
import type { Clock } from '../ports/system/clock.js';
import type { ChunkMemory } from '../ports/system/chunk-memory.js';
import type { RunningHash } from '../ports/system/hashing.js';
import type { RequestContext } from '../request-context.js';
import type { BatchBudget } from './batch-budget.js';
import type { RunningDigests } from './running-digests.js';
import { StagedWriter } from './staged-writer.js';
import { BodyCut, type UploadBody } from './upload-body.js';

/** A session under the lease of one request, which alone may write to its staged file. */
export class HeldUpload {
  readonly session: UploadSession;
  readonly #uploads: UploadStore;
  readonly #digests: RunningDigests;
  readonly #batches: BatchBudget;
  readonly #clock: Clock;
  readonly #memory: ChunkMemory;
  #offset: number;
  /** Over the bytes that are kept; undefined when there is none that covers them all. */
  #hash: RunningHash | undefined;
  #algorithm: DigestAlgorithm;
  #body: UploadBody | undefined;
  #lastReceived: number;
  #lost = false;
  #wasCut = false;
  /** Whether the staged file may have bytes behind those that are kept. */
  #mayExceed = false;

  constructor(
    session: UploadSession,
    uploads: UploadStore,
    digests: RunningDigests,
    batches: BatchBudget,
    clock: Clock,
    memory: ChunkMemory,
  ) {
    this.session = session;
    this.#uploads = uploads;
    this.#digests = digests;
    this.#batches = batches;
    this.#clock = clock;
    this.#memory = memory;
    this.#offset = session.offset;
    this.#algorithm = session.algorithm;
    this.#lastReceived = clock.now();
  }

  /** Bytes that are kept. */
  get offset(): number {
    return this.#offset;
  }

  get staged(): StagedFile {
    return { repository: this.session.repository, id: this.session.id, fence: this.session.fence };
  }

  /** Whether it waits for bytes and has got none for `ms` milliseconds. */
  idleFor(ms: number): boolean {
    return this.#body !== undefined && this.#clock.now() - this.#lastReceived >= ms;
  }

  /** Whether its request has lost its body, and is about to record what arrived of it. */
  get wasCut(): boolean {
    return this.#wasCut;
  }

  /** Ends the request that holds the session; what it has received so far is kept. */
  cut(): void {
    this.#wasCut = true;
    this.#body?.cut();
  }

  /** Another process broke the lease: nothing more may be written or acknowledged. */
  lose(): void {
    this.#lost = true;
    this.cut();
  }

  /**
   * Appends a body. When it resolves, the bytes survive a power loss and count; when the body is cut, those that
   * arrived count; when it contradicts `expected` (bytes), none does.
   * @throws BodyCut, SizeInvalid, UploadUnknown when the staged file has fewer bytes than were acknowledged
   */
  async receive(body: UploadBody, expected: number | undefined, algorithm: DigestAlgorithm): Promise<void> {
    const file = await this.#uploads.openWriter(this.staged, this.#offset);
    if (file === undefined) throw new UploadUnknown(this.session.id.toString());
    this.#algorithm = algorithm;
    const hash = this.#digests.take(this.session, algorithm);
    this.#body = body;
    this.#batches.enter();
    try {
      await this.#write(file, body, expected, hash);
    } catch (error) {
      if (this.#hash !== hash) hash?.drop();
      if (!(error instanceof BodyCut)) this.#mayExceed = true;
      throw error;
    } finally {
      this.#batches.leave();
      this.#body = undefined;
      await file.close();
    }
    if (this.#lost) throw this.#outOfOrder();
  }

  async #write(
    file: StorageWriter,
    body: UploadBody,
    expected: number | undefined,
    hash: RunningHash | undefined,
  ): Promise<void> {
    const writer = new StagedWriter(file, hash, this.#batches, this.#memory);
    const cut = await this.#drain(writer, body, expected);
    await writer.finish();
    if (cut === undefined && expected !== undefined && writer.written !== expected) {
      throw new SizeInvalid(`the request announced ${expected} bytes and brought ${writer.written}`);
    }
    if (!this.#lost) this.#offset += writer.written;
    // Only now: after a failure the hash would be over bytes that do not count.
    this.#hash = hash;
    if (cut !== undefined) throw cut;
  }

  async #drain(
    writer: StagedWriter,
    body: UploadBody,
    expected: number | undefined,
  ): Promise<BodyCut | undefined> {
    try {
      for await (const chunk of body) {
        this.#lastReceived = this.#clock.now();
        await writer.write(chunk);
        if (expected !== undefined && writer.written > expected) break;
      }
      return undefined;
    } catch (error) {
      if (!(error instanceof BodyCut)) throw error;
      this.#wasCut = true;
      return error;
    }
  }

  /** The digest of all bytes: from the running hash, or by reading the staged file once, off the loop. */
  async digest(algorithm: DigestAlgorithm, context: RequestContext): Promise<Digest | undefined> {
    const hash = this.#hash ?? this.#takeFinished(algorithm);
    this.#hash = undefined;
    const fits = hash !== undefined && this.#algorithm === algorithm;
    if (!fits) hash?.drop();
    const computed = fits ? await hash.digest() : undefined;
    return computed ?? this.#uploads.hash(this.staged, algorithm, this.#offset, context.signal);
  }

  #takeFinished(algorithm: DigestAlgorithm): RunningHash | undefined {
    const hash = this.#offset === 0 ? undefined : this.#digests.take(this.session, algorithm);
    if (hash !== undefined) this.#algorithm = algorithm;
    return hash;
  }

  /**
   * Cuts off what was written and does not count: a closing request without a body would place it with the rest. Before
   * the first byte that is kept there is none like that.
   */
  async cutExcess(): Promise<void> {
    if (!this.#mayExceed || this.#offset === 0) return;
    const file = await this.#uploads.openWriter(this.staged, this.#offset);
    try {
      await file?.flush();
    } finally {
      await file?.close();
    }
    this.#mayExceed = false;
  }

  /** Leaves the running hash to the session's next request. */
  keepHash(): void {
    if (this.#hash !== undefined) this.#digests.keep(this.session, this.#algorithm, this.#offset, this.#hash);
  }

  /** Nobody will go on from here. */
  dropHash(): void {
    this.#hash?.drop();
    this.#hash = undefined;
  }

  #outOfOrder(): UploadOutOfOrder {
    return new UploadOutOfOrder(this.session, 'another request has taken the session over');
  }
}
