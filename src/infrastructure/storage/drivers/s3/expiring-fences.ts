import { setTimeout as sleep } from 'node:timers/promises';
import type { RemovalOutcome } from '../../../../application/ports/storage/blob-removal.js';
import { StorageFault } from '../../../../application/ports/storage/storage-fault.js';
import type { ObjectStore } from './object-store.js';

/** How long removals through a fence are accepted by the store, ms from its opening on. */
const LIFE = 30_000;
/** How much longer (ms) whoever breaks the fence of another waits: what was accepted in time has to take effect. */
const MARGIN = 5_000;

export interface FenceTimes {
  readonly life?: number;
  readonly margin?: number;
}

/** A fence that this process has opened. */
interface OwnFence {
  /** When the store begins to refuse removals through it, ms on its clock. */
  readonly until: number;
  /** The same on the clock of this process that never jumps. */
  readonly over: number;
  readonly running: Set<Promise<unknown>>;
  /** Whether each removal that is not running any more was answered. */
  answered: boolean;
  isBroken: boolean;
}

/**
 * Fences on a store that has no move and knows no condition on which to remove. A fence is an empty object, and each
 * removal through it a request that the store itself refuses once the fence has lived its time: it is sent once, and
 * wherever it is held up, it can not take effect later. So whoever breaks a fence waits for that moment; but the owner,
 * who alone sends removals through it, need not if each was answered.
 */
export class ExpiringFences {
  readonly #store: ObjectStore;
  readonly #life: number;
  readonly #margin: number;
  readonly #own = new Map<string, OwnFence>();
  /** Whether the store was seen to refuse a removal that has expired. */
  #isProven = false;

  constructor(store: ObjectStore, { life = LIFE, margin = MARGIN }: FenceTimes = {}) {
    this.#store = store;
    this.#life = life;
    this.#margin = margin;
  }

  async open(key: string): Promise<void> {
    const sent = performance.now();
    const { now } = await this.#store.put(key, []);
    const openedAt = this.#isProven ? await this.#openedAt(key) : await this.#prove(key, now);
    if (openedAt === undefined) throw new StorageFault('broken', `cannot open the fence ${key}: it is gone`);
    this.#own.set(key, {
      until: openedAt + this.#life,
      over: sent + this.#life,
      running: new Set(),
      answered: true,
      isBroken: false,
    });
  }

  async remove(key: string, fence: string): Promise<RemovalOutcome> {
    const own = this.#own.get(fence);
    if (own === undefined || own.isBroken || performance.now() >= own.over) return 'fenced';
    const removal = this.#removeUntil(key, own);
    own.running.add(removal);
    try {
      return await removal;
    } finally {
      own.running.delete(removal);
    }
  }

  async break(fence: string): Promise<void> {
    const own = this.#own.get(fence);
    if (own !== undefined) {
      own.isBroken = true;
      await Promise.allSettled(own.running);
    }
    const isThere = own?.answered === true || (await this.#outlive(fence));
    if (isThere) await this.#store.delete(fence);
    this.#own.delete(fence);
  }

  async openedBefore(folder: string, moment: number): Promise<readonly string[]> {
    const prefix = `${folder}/`;
    const names: string[] = [];
    for await (const { objects } of this.#store.list({ prefix, delimiter: '/' })) {
      const before = objects.filter(({ modifiedAt }) => modifiedAt < moment);
      names.push(...before.map(({ key }) => key.slice(prefix.length)).filter((name) => name !== ''));
    }
    return names;
  }

  async #removeUntil(key: string, own: OwnFence): Promise<RemovalOutcome> {
    try {
      const outcome = await this.#store.deleteUntil(key, own.until);
      if (outcome === 'unsure') own.answered = false;
      return outcome === 'expired' ? 'fenced' : outcome;
    } catch (error) {
      const isRefused = error instanceof StorageFault && error.kind === 'denied';
      if (!isRefused) own.answered = false;
      throw error;
    }
  }

  /**
   * Waits until nothing that was sent through the fence, by whomever, can take effect any more; false when there is no
   * such fence.
   */
  async #outlive(fence: string): Promise<boolean> {
    const openedAt = await this.#openedAt(fence);
    if (openedAt === undefined) return false;
    for (;;) {
      const left = openedAt + this.#life + this.#margin - (await this.#store.now());
      if (left <= 0) return true;
      await sleep(left);
    }
  }

  /** As every process is told it. */
  async #openedAt(fence: string): Promise<number | undefined> {
    return (await this.#store.head(fence))?.modifiedAt;
  }

  /**
   * Tries on the fence itself whether the store refuses a removal that has expired; not all that speak S3 do.
   * @param now the time on the store's clock
   */
  async #prove(fence: string, now: number): Promise<number | undefined> {
    const outcome = await this.#store.deleteUntil(fence, now - this.#life);
    const openedAt = await this.#openedAt(fence);
    if (outcome === 'expired' && openedAt !== undefined) {
      this.#isProven = true;
      return openedAt;
    }
    await this.#store.delete(fence);
    if (outcome === 'unsure') {
      throw new StorageFault(
        'broken',
        `cannot open the fence ${fence}: the store has not answered a removal`,
      );
    }
    throw new StorageFault(
      'unsupported',
      'nothing is collected: the S3 server carries out a signed request that has expired, so a removal that is held ' +
        'up could take what was pushed meanwhile',
    );
  }
}
