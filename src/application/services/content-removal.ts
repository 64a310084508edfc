import type { Digest } from '../../domain/content/digest.js';
import type { Claim, ContentRemovals, DueContent, ExpiredClaim } from '../ports/metadata/content-removals.js';
import type { DurabilityBarrier } from '../ports/metadata/durability-barrier.js';
import type { ReviewMoment } from '../ports/metadata/reviews.js';
import type { BlobRemoval } from '../ports/storage/blob-removal.js';
import { StorageFault } from '../ports/storage/storage-fault.js';
import type { Clock } from '../ports/system/clock.js';
import type { Random } from '../ports/system/random.js';
import { inGroups } from './in-groups.js';

/** How long (ms) a worker has for what it claims; afterwards any other may go on with it. */
export const LEASE = 120_000;
/** Rows that one transaction looks at: requests wait meanwhile. */
export const ROWS_AT_ONCE = 20;
/** Files that are removed at once. */
const FILES_AT_ONCE = 4;
/** What the storage refuses is tried again after so many ms, then after twice as many, up to the last. */
const FIRST_RETRY = 60_000;
const LAST_RETRY = 3_600_000;
/** Digests of which it is remembered that the storage refused them: some of them are pushed again instead. */
const MOST_REMEMBERED = 10_000;

/** A content on its way out, as far as others want to know of it. */
export interface RemovedContent {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

export interface RemovalListener {
  removed(content: RemovedContent): void;
  /** It stays, and is tried again later. */
  failed(content: RemovedContent, error: unknown): void;
}

/** What became of contents that were due. Those of which nothing is said were needed, or are not due any more. */
export interface RemovalOutcomes {
  readonly removed: number;
  /** Still there, and due again later: link files are not written yet, or the storage refuses. */
  readonly left: readonly number[];
  /** Kept since a link in the tree that can not be read is about them. */
  readonly unreadable: number;
}

/** Takes contents out that nothing needs. */
export interface RemovesContents {
  remove(
    due: readonly DueContent[],
    moment: ReviewMoment,
    listener: RemovalListener,
    signal: AbortSignal,
  ): Promise<RemovalOutcomes>;

  /** Finishes removals that others have left, and what they have left behind. */
  recover(listener: RemovalListener, signal: AbortSignal): Promise<void>;
}

type Condemned = RemovedContent & { readonly id: number };

/**
 * Removes contents: condemn under a claim, make that durable, take the bytes through the fence of the claim, forget. A
 * worker that sleeps through its lease can do nothing any more: who takes over breaks the fence first.
 */
export class ContentRemoval implements RemovesContents {
  readonly #contents: ContentRemovals;
  readonly #storage: BlobRemoval;
  readonly #barrier: DurabilityBarrier;
  readonly #clock: Clock;
  readonly #random: Pick<Random, 'token'>;
  /** How often the storage has refused a digest: what is given back has a new row. */
  readonly #refusals = new Map<string, number>();

  constructor(
    contents: ContentRemovals,
    storage: BlobRemoval,
    barrier: DurabilityBarrier,
    clock: Clock,
    random: Pick<Random, 'token'>,
  ) {
    this.#contents = contents;
    this.#storage = storage;
    this.#barrier = barrier;
    this.#clock = clock;
    this.#random = random;
  }

  async remove(
    due: readonly DueContent[],
    moment: ReviewMoment,
    listener: RemovalListener,
    signal: AbortSignal,
  ): Promise<RemovalOutcomes> {
    const claim = await this.#newClaim();
    const condemned: DueContent[] = [];
    const left: number[] = [];
    let unreadable = 0;
    for (const group of inGroups(due, ROWS_AT_ONCE)) {
      if (signal.aborted) break;
      const outcomes = await this.#contents.condemn(group, claim, moment);
      for (const [at, content] of group.entries()) {
        if (outcomes[at] === 'condemned') condemned.push(content);
        if (outcomes[at] === 'pending') left.push(content.id);
        if (outcomes[at] === 'unreadable') unreadable += 1;
      }
      await this.#clock.sleep(0);
    }
    const gone = await this.#removeAll(condemned, claim, listener, signal);
    left.push(...condemned.filter(({ id }) => !gone.has(id)).map(({ id }) => id));
    await this.#storage.breakFence(claim.token);
    return { removed: gone.size, left, unreadable };
  }

  async recover(listener: RemovalListener, signal: AbortSignal): Promise<void> {
    for (;;) {
      const expired = await this.#contents.expired(this.#clock.now(), ROWS_AT_ONCE);
      if (expired.length === 0 || signal.aborted) break;
      const taken = await this.#takeOver(expired, listener, signal);
      // What could not be taken over, another has.
      if (taken === 0) break;
    }
    await this.#sweep();
  }

  /** For a push that waits for the digest: goes on with its removal if its worker has let the lease run out. */
  async finish(digest: Digest): Promise<void> {
    const expired = await this.#contents.expiredOf(digest, this.#clock.now());
    if (expired === undefined) return;
    const listener: RemovalListener = {
      removed: () => undefined,
      // What was given back can be placed by the push that waits.
      failed: (_content, error) => {
        if (!(error instanceof StorageFault) || error.leavesDoubt) throw error;
      },
    };
    await this.#takeOver([expired], listener, new AbortController().signal);
  }

  /** @returns how many are under a claim of this worker now */
  async #takeOver(
    expired: readonly ExpiredClaim[],
    listener: RemovalListener,
    signal: AbortSignal,
  ): Promise<number> {
    const claim = await this.#newClaim();
    const former = new Map(expired.map(({ token }) => [token.toString('hex'), token]));
    // Before the claim changes hands: afterwards nobody would know whose fence had to be broken.
    for (const token of former.values()) await this.#storage.breakFence(token);
    const taken: ExpiredClaim[] = [];
    for (const each of expired) {
      if (await this.#contents.takeOver(each, claim, this.#clock.now())) taken.push(each);
    }
    await this.#removeAll(taken, claim, listener, signal);
    await this.#storage.breakFence(claim.token);
    return taken.length;
  }

  /** @returns the ids of those that are gone */
  async #removeAll(
    condemned: readonly Condemned[],
    claim: Claim,
    listener: RemovalListener,
    signal: AbortSignal,
  ): Promise<ReadonlySet<number>> {
    const gone = new Set<number>();
    if (condemned.length === 0) return gone;
    // A power loss may not bring a link back whose bytes are gone.
    await this.#barrier.wait();
    for (const group of inGroups(condemned, FILES_AT_ONCE)) {
      const removals = await Promise.all(group.map((each) => this.#removeOne(each, claim, listener, signal)));
      for (const [at, isGone] of removals.entries()) if (isGone) gone.add(group[at]?.id ?? 0);
    }
    for (const group of inGroups([...gone], ROWS_AT_ONCE)) {
      await this.#contents.forget(group, claim.token);
      await this.#clock.sleep(0);
    }
    return gone;
  }

  /** @returns whether the bytes are gone, and the claim was held all the while */
  async #removeOne(
    content: Condemned,
    claim: Claim,
    listener: RemovalListener,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { id, digest } = content;
    const now = this.#clock.now();
    if (signal.aborted) {
      await this.#contents.release(id, claim.token, now);
      return false;
    }
    // Whoever takes over does the rest.
    if (now >= claim.until) return false;
    try {
      const outcome = await this.#storage.remove(digest, claim.token);
      if (outcome === 'unsure') listener.failed(content, new Error('the storage gave no answer'));
      if (outcome !== 'gone') return false;
    } catch (error) {
      if (!(error instanceof StorageFault)) throw error;
      // Anything else may have happened all the same: only the lease ends it.
      if (!error.leavesDoubt) await this.#contents.release(id, claim.token, now + this.#retryAfter(digest));
      listener.failed(content, error);
      return false;
    }
    this.#refusals.delete(digest.toString());
    listener.removed(content);
    return true;
  }

  #retryAfter(digest: Digest): number {
    const key = digest.toString();
    const refusals = this.#refusals.get(key) ?? 0;
    this.#refusals.delete(key);
    this.#refusals.set(key, refusals + 1);
    const [oldest = key] = this.#refusals.keys();
    if (this.#refusals.size > MOST_REMEMBERED) this.#refusals.delete(oldest);
    return Math.min(FIRST_RETRY * 2 ** refusals, LAST_RETRY);
  }

  async #newClaim(): Promise<Claim> {
    const token = this.#random.token();
    await this.#storage.openFence(token);
    return { token, until: this.#clock.now() + LEASE };
  }

  /** Fences that were left by workers that did not come to claim anything, or to close them. */
  async #sweep(): Promise<void> {
    for (const token of await this.#storage.openedBefore(this.#clock.now() - 2 * LEASE)) {
      if (!(await this.#contents.isClaimed(token))) await this.#storage.breakFence(token);
    }
  }
}
