import type { DatabaseIdentity } from '../ports/metadata/database-identity.js';
import type { DurabilityBarrier } from '../ports/metadata/durability-barrier.js';
import { StorageFault } from '../ports/storage/storage-fault.js';
import type { TreeOwner } from '../ports/storage/tree-owner.js';
import type { Logger } from '../ports/system/logger.js';

/**
 * Lets the tree say that it belongs to this database, and how far the two have come together, so that a later start
 * finds out when one of them was exchanged.
 */
export class TreeOwnership {
  readonly #owner: TreeOwner;
  readonly #identity: DatabaseIdentity;
  readonly #barrier: DurabilityBarrier;
  readonly #logger: Logger;
  readonly #readOnly: boolean;
  #highest = 0;
  #compared = false;
  #told = 0;
  /** Why everything is compared, if it is. */
  #distrust: string | undefined;

  /** @param readOnly nothing is written into the tree, so it says nothing */
  constructor(
    owner: TreeOwner,
    identity: DatabaseIdentity,
    barrier: DurabilityBarrier,
    logger: Logger,
    readOnly: boolean,
  ) {
    this.#owner = owner;
    this.#identity = identity;
    this.#barrier = barrier;
    this.#logger = logger;
    this.#readOnly = readOnly;
  }

  /** Whether the tree says that it belongs to this database. */
  async isClaimed(): Promise<boolean> {
    const said = await this.#owner.read();
    return said !== undefined && said !== 'damaged' && said.database === this.#identity.id;
  }

  /**
   * The database speaks for the whole tree from now on: call it when it knows everything that is there. Whatever the
   * tree said before is replaced.
   * @throws StorageFault, Unavailable
   */
  async claim(): Promise<void> {
    if (this.#readOnly) return;
    this.#highest = this.#identity.lastChange();
    await this.#write();
  }

  /** As the above, for a tree in which nothing is. */
  async claimEmpty(): Promise<void> {
    if (!this.#readOnly && (await this.#owner.isEmpty())) await this.claim();
  }

  /**
   * Everything that was changed up to the row `highest` of the journal is durable in the tree. Called after each flush:
   * a tree that was compared is told the time at once, and the number by the next `tell`. What can not be written is logged: it only
   * makes later checks less exact.
   */
  async noteFlush(highest: number): Promise<void> {
    if (this.#readOnly) return;
    this.#highest = Math.max(this.#highest, highest);
    if (this.#compared) await this.#tolerate(() => this.#owner.markFlushed());
  }

  /**
   * The database knows everything that others have changed in the tree before. Until then the tree is not told the time
   * of a flush: it would hide from the next start what this one has not compared yet.
   */
  async noteCompared(): Promise<void> {
    this.#compared = true;
    if (this.#readOnly) return;
    await this.#tolerate(() => this.#owner.markFlushed());
    if (this.#distrust !== undefined) await this.#tolerate(() => this.#trustAgain());
  }

  /**
   * Up to when database and tree have come together, on the storage's clock: when links were flushed last, by any process.
   * Undefined before the first, and `nothing` when somebody else was found writing beside us: what they have changed may
   * be older than our last flush, so only a comparison of everything finds it.
   */
  async comparedUntil(): Promise<number | 'nothing' | undefined> {
    this.#distrust = await this.#owner.distrusted();
    return this.#distrust === undefined ? this.#owner.flushedAt() : 'nothing';
  }

  /** Somebody else writes into the tree beside us: the next start compares everything. */
  async noteOtherWriter(name: string): Promise<void> {
    await this.#tolerate(() => this.#owner.distrust(name));
  }

  /** Unless somebody was found again since this comparison began. */
  async #trustAgain(): Promise<void> {
    if ((await this.#owner.distrusted()) === this.#distrust) await this.#owner.trust();
    this.#distrust = undefined;
  }

  /**
   * Tells a tree that is claimed how far it has come. Called once a second and at the end; costs nothing when there is
   * nothing new.
   */
  async tell(): Promise<void> {
    if (this.#readOnly || this.#highest <= this.#told) return;
    await this.#tolerate(() => this.#writeHigher());
  }

  /** Other processes write too: the number never goes back. */
  async #writeHigher(): Promise<void> {
    const said = await this.#owner.read();
    if (said === undefined || said === 'damaged' || said.database !== this.#identity.id) return;
    if (said.journal < this.#highest) await this.#write();
    else this.#told = said.journal;
  }

  async #write(): Promise<void> {
    const highest = this.#highest;
    // A power loss may not leave a tree that knows more than its database.
    await this.#barrier.wait();
    await this.#owner.write({ database: this.#identity.id, journal: highest });
    this.#told = highest;
  }

  async #tolerate(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!(error instanceof StorageFault)) throw error;
      this.#logger.warn('the storage could not be told how far it has come', { error });
    }
  }
}
