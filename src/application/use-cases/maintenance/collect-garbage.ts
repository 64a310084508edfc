import type { Grace } from '../../../domain/lifecycle/grace.js';
import type { ContentRemovals } from '../../ports/metadata/content-removals.js';
import type { Reviews } from '../../ports/metadata/reviews.js';
import type { Clock } from '../../ports/system/clock.js';
import {
  CollectionRun,
  type CollectionListener,
  type CollectionReport,
  type CollectionRequest,
} from '../../services/collection-run.js';
import { ContentLooks } from '../../services/content-looks.js';
import type { RemovesContents } from '../../services/content-removal.js';
import type { Publisher } from '../../services/database-repair.js';
import { NameCollection } from '../../services/name-collection.js';
import type { WatchesWriters } from '../../services/sole-writer.js';

/** Rows that a request makes due in one transaction. */
const REQUESTED_AT_ONCE = 500;

/** What collection changes: the real thing, or a rehearsal of it. */
export interface Collected {
  readonly reviews: Reviews;
  readonly contents: Pick<ContentRemovals, 'dueContents' | 'formerRepositories'>;
  readonly removal: RemovesContents;
  readonly names: Publisher;
  readonly writers: WatchesWriters;
}

/**
 * Removes what nothing needs: manifests that no tag reaches (when asked for), links that no manifest references, content
 * that neither a link nor a manifest names. It looks only at what has changed, and costs nothing where nothing has.
 */
export class CollectGarbage {
  readonly #reviews: Reviews;
  readonly #contents: Pick<ContentRemovals, 'dueContents' | 'formerRepositories'>;
  readonly #removal: RemovesContents;
  readonly #names: Publisher;
  readonly #nameCollection: NameCollection;
  readonly #looks: ContentLooks;
  readonly #clock: Clock;
  readonly #grace: Grace;

  /** @param grace the configured one, by which rows are due */
  constructor({ reviews, contents, removal, names, writers }: Collected, clock: Clock, grace: Grace) {
    this.#reviews = reviews;
    this.#contents = contents;
    this.#removal = removal;
    this.#names = names;
    this.#nameCollection = new NameCollection(reviews, names, writers);
    this.#looks = new ContentLooks(contents, writers);
    this.#clock = clock;
    this.#grace = grace;
  }

  /**
   * Runs until nothing is due, or until it finds that another registry writes into the folder. Several may run at once, in
   * this process or in others.
   * @param signal stops it between two things; what was begun is finished or given back
   * @throws MetadataUnavailable, StorageFault; what was removed until then stays removed
   */
  async execute(
    request: CollectionRequest,
    listener: CollectionListener,
    signal: AbortSignal,
  ): Promise<CollectionReport> {
    const run = new CollectionRun(request, listener, signal, this.#grace, this.#clock);
    await this.#removal.recover(run, signal);
    // Before a request gives them a later time, and before they are counted.
    if (request.untagged) await this.#nameCollection.scheduleReferrers(run);
    if (request.requested) await this.#request(run);
    if (listener.due !== undefined) await this.#count(run, listener);
    while (!run.ended && (await this.#pass(run)));
    return run.report();
  }

  /** For whoever shows how far it has come: it costs what is due. */
  async #count(run: CollectionRun, listener: CollectionListener): Promise<void> {
    const dueUntil = { links: run.moment('links').dueUntil, others: run.moment('others').dueUntil };
    listener.due?.(await this.#reviews.countDue(dueUntil, run.request));
  }

  async #request({ request: { grace }, signal }: CollectionRun): Promise<void> {
    for (let more = true; more && !signal.aborted;) {
      const now = this.#clock.now();
      const times = { links: grace.linkReview(now), others: grace.end(now) };
      more = (await this.#reviews.request(times, REQUESTED_AT_ONCE)) === REQUESTED_AT_ONCE;
      await this.#clock.sleep(0);
    }
  }

  /** @returns whether something went, which may have made something else due */
  async #pass(run: CollectionRun): Promise<boolean> {
    const before = run.namesRemoved;
    if (run.request.untagged) await this.#nameCollection.manifests(run);
    await this.#nameCollection.links(run);
    const someWent = run.namesRemoved > before;
    // A link file that still names content keeps it.
    if (someWent) await this.#names.flush();
    if (!(await this.#nameCollection.lookAgain(run)) || run.ended) return false;
    return (await this.#removeContents(run)) || someWent;
  }

  async #removeContents(run: CollectionRun): Promise<boolean> {
    let removed = 0;
    for await (const page of run.pages('others', (each) => this.#contents.dueContents(each))) {
      // Its new time may still be within a grace that was shortened.
      const due = await this.#looks.unclaimed(
        run,
        page.filter(({ digest }) => !run.left.has(digest.toString())),
      );
      if (due.length === 0) continue;
      const outcomes = await this.#removal.remove(due, run.moment('others'), run, run.signal);
      removed += outcomes.removed;
      run.keptUnreadable(outcomes.unreadable);
      const left = new Set(outcomes.left);
      for (const { id, digest } of due) if (left.has(id)) run.left.add(digest.toString());
    }
    return removed > 0;
  }
}
