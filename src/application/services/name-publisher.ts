import { keyOfName } from '../../domain/repository/linked-name.js';
import type { DurabilityBarrier } from '../ports/metadata/durability-barrier.js';
import type { NameChange, NameJournal, PendingName } from '../ports/metadata/name-journal.js';
import type { LinkStore } from '../ports/storage/link-store.js';
import type { Clock } from '../ports/system/clock.js';
import type { Logger } from '../ports/system/logger.js';
import { LinkWriter, type JournaledLink } from './link-writer.js';
import type { TreeOwnership } from './tree-ownership.js';
import { Turns } from './turns.js';

/** Links that may wait for their flush; whoever brings more waits with them. */
const MOST_UNFLUSHED = 20_000;
/** The same for bytes of blobs, which the database keeps until then. */
const MOST_UNFLUSHED_BYTES = 64 * 1024 * 1024;
const NOTHING = new Uint8Array();
/** After a failure the links are tried again after so many ms, then after twice as many, and so on up to the last. */
const FIRST_RETRY = 1_000;
const LAST_RETRY = 60_000;

/** Who wants to know how far the tree has come: TreeOwnership. */
export type FlushNotes = Pick<TreeOwnership, 'noteFlush'>;

/**
 * Lets what a transaction has changed be known: makes it durable, then writes the link files, which lets the reference
 * registry serve the same names. The rows of the journal go once the links are durable too, behind the answers.
 */
export class NamePublisher {
  readonly #journal: NameJournal;
  readonly #links: LinkStore;
  readonly #writer: LinkWriter;
  readonly #barrier: DurabilityBarrier;
  readonly #tree: FlushNotes;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** Two of this process never write one link at once. */
  readonly #turns = new Turns();
  #unflushed: JournaledLink[] = [];
  #unflushedBytes = 0;
  #failed: PendingName[] = [];
  #retry = { at: 0, delay: FIRST_RETRY };
  #flushing: Promise<void> | undefined;

  constructor(
    journal: NameJournal,
    links: LinkStore,
    barrier: DurabilityBarrier,
    tree: FlushNotes,
    clock: Clock,
    logger: Logger,
  ) {
    this.#journal = journal;
    this.#links = links;
    this.#writer = new LinkWriter(journal, links, barrier);
    this.#barrier = barrier;
    this.#tree = tree;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Changes whose links are not durable yet. */
  get pending(): number {
    return this.#unflushed.length + this.#failed.length;
  }

  /** Whether the storage refuses links: bytes had better not be left to it. */
  get isRefused(): boolean {
    return this.#failed.length > 0;
  }

  /**
   * When it resolves, the changes survive a power loss, and so does everything that the caller has read before. The
   * links tell them too, unless the storage refuses: then they are written later, and the changes stand.
   * @throws Unavailable when it can not be known whether the changes are durable
   */
  async publish(changes: readonly NameChange[]): Promise<void> {
    await this.#barrier.wait();
    if (changes.length > 0) await this.#inTurn(changes, () => this.#writer.writeGiven(changes));
    const isMuch = this.#unflushed.length > MOST_UNFLUSHED || this.#unflushedBytes > MOST_UNFLUSHED_BYTES;
    if (isMuch) await this.flush();
  }

  /** Makes the link say what the database says; what fails is tried again by a later flush. */
  async write(pending: PendingName): Promise<void> {
    await this.#inTurn([pending], async () => [await this.#writer.writePending(pending)]);
  }

  async #inTurn(
    changes: readonly PendingName[],
    write: () => Promise<readonly JournaledLink[]>,
  ): Promise<void> {
    const keys = changes.map(({ name }) => keyOfName(name));
    try {
      const links = await this.#turns.take(keys, write);
      for (const { id, name, value, bytes, placed } of links) {
        const target = value && { target: value.target };
        this.#unflushed.push({ id, name, value: target, bytes: bytes && NOTHING, placed });
        this.#unflushedBytes += bytes?.length ?? 0;
      }
    } catch (error) {
      this.#keepForLater(changes, error);
    }
  }

  /** Makes the links durable that were written, and removes their rows. Never rejects for a fault of the storage. */
  async flush(): Promise<void> {
    await this.#flushing;
    this.#flushing ??= this.#flushAll().finally(() => {
      this.#flushing = undefined;
    });
    await this.#flushing;
  }

  async #flushAll(): Promise<void> {
    if (this.#failed.length > 0 && this.#clock.now() >= this.#retry.at) {
      for (const pending of this.#failed.splice(0)) await this.write(pending);
    }
    const links = this.#unflushed;
    if (links.length === 0) return;
    this.#unflushed = [];
    this.#unflushedBytes = 0;
    try {
      await this.#links.flush(links);
      await this.#journal.forget(links);
      await this.#tree.noteFlush(Math.max(...links.map(({ id }) => id)));
      if (this.#failed.length === 0) this.#retry = { at: 0, delay: FIRST_RETRY };
    } catch (error) {
      this.#keepForLater(links, error);
    }
  }

  #keepForLater(changes: readonly PendingName[], error: unknown): void {
    const { delay } = this.#retry;
    if (this.#failed.length === 0) {
      this.#logger.error('link files could not be written; they are tried again', {
        links: changes.length,
        retryAfterMs: delay,
        error,
      });
      this.#retry = { at: this.#clock.now() + delay, delay: Math.min(delay * 2, LAST_RETRY) };
    }
    this.#failed.push(...changes.map(({ id, name }) => ({ id, name })));
  }
}
