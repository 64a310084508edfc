import type { RepositoryName } from '../../domain/repository/repository-name.js';
import type { NameChange } from '../ports/metadata/name-journal.js';
import type { DueName, Reviews } from '../ports/metadata/reviews.js';
import type { CollectionRun } from './collection-run.js';
import { ROWS_AT_ONCE } from './content-removal.js';
import type { Publisher } from './database-repair.js';
import type { Sought } from './foreign-names.js';
import { inGroups } from './in-groups.js';
import type { WatchesWriters } from './sole-writer.js';

/**
 * Removes names that nothing needs: manifests that no tag reaches, links that no manifest references. A repository from
 * which something is about to go is looked at in the tree just before: what another registry has written into it may
 * need what nothing here needs. Repositories from which nothing goes are not looked at.
 */
export class NameCollection {
  readonly #reviews: Reviews;
  readonly #names: Publisher;
  readonly #writers: WatchesWriters;

  constructor(reviews: Reviews, names: Publisher, writers: WatchesWriters) {
    this.#reviews = reviews;
    this.#names = names;
    this.#writers = writers;
  }

  /** Makes due the referrers that subjects left when they went, so that they are reviewed with the other manifests. */
  async scheduleReferrers(run: CollectionRun): Promise<void> {
    await run.batches(() => this.#reviews.scheduleReferrers());
  }

  async manifests(run: CollectionRun): Promise<void> {
    await this.scheduleReferrers(run);
    for await (const page of run.pages('others', (each) => this.#reviews.dueManifests(each))) {
      const changes: NameChange[] = [];
      const looks = this.#looks(run, ['names', 'tags']);
      for (const due of page) {
        if (run.ended) break;
        changes.push(...(await this.#reviewManifest(run, due, looks)));
        await run.breathe();
      }
      if (changes.length > 0) await this.#names.publish(changes);
    }
  }

  async links(run: CollectionRun): Promise<void> {
    for await (const page of run.pages('links', (each) => this.#reviews.dueLinks(each))) {
      const changes: NameChange[] = [];
      const looks = this.#looks(run, ['names']);
      for (const group of inGroups(page, ROWS_AT_ONCE)) {
        if (run.ended) break;
        changes.push(...(await this.#reviewLinks(run, group, looks)));
        await run.breathe();
      }
      if (changes.length > 0) await this.#names.publish(changes);
    }
  }

  /**
   * Looks at the repositories from which names went once more, for what was written into them meanwhile.
   * @returns whether the bytes may go too
   */
  async lookAgain(run: CollectionRun): Promise<boolean> {
    const looks = this.#looks(run, ['names']);
    let mayGo = true;
    for (const repository of run.takeLosers()) mayGo = (await looks.mayLose(repository)) && mayGo;
    return mayGo;
  }

  #looks(run: CollectionRun, sought: readonly Sought[]): Looks {
    return new Looks(this.#writers, run, sought);
  }

  async #reviewManifest(run: CollectionRun, due: DueName, looks: Looks): Promise<readonly NameChange[]> {
    const told = await this.#reviews.reviewManifest(due, run.moment('others'), 'tell');
    if (told.kind === 'unreadable' || told.kind === 'too-many') run.keptUnreadable();
    if (told.kind !== 'unkept' || !(await looks.mayLose(due.repository))) return [];
    const review = await this.#reviews.reviewManifest(due, run.moment('others'), 'remove');
    if (review.kind === 'unreadable' || review.kind === 'too-many') run.keptUnreadable();
    if (review.kind !== 'removed') return [];
    run.loses(due.repository);
    for (const manifest of review.manifests) run.manifestRemoved(manifest);
    return review.changes;
  }

  async #reviewLinks(
    run: CollectionRun,
    links: readonly DueName[],
    looks: Looks,
  ): Promise<readonly NameChange[]> {
    const told = await this.#reviews.reviewLinks(links, run.moment('links'), 'tell');
    const unneeded: DueName[] = [];
    for (const [at, link] of links.entries()) {
      if (told[at]?.kind === 'unreadable') run.keptUnreadable();
      if (told[at]?.kind === 'unreferenced' && (await looks.mayLose(link.repository))) unneeded.push(link);
    }
    return unneeded.length === 0 || run.ended ? [] : this.#unlink(run, unneeded);
  }

  async #unlink(run: CollectionRun, links: readonly DueName[]): Promise<readonly NameChange[]> {
    for (const { repository } of links) run.loses(repository);
    const changes: NameChange[] = [];
    for (const review of await this.#reviews.reviewLinks(links, run.moment('links'), 'remove')) {
      if (review.kind === 'unreadable') run.keptUnreadable();
      if (review.kind !== 'unlinked') continue;
      run.unlinked();
      changes.push(...review.changes);
    }
    return changes;
  }
}

/** What was found out of repositories for one page: each is looked at once. */
class Looks {
  readonly #writers: WatchesWriters;
  readonly #run: CollectionRun;
  readonly #sought: readonly Sought[];
  readonly #known = new Map<string, boolean>();

  constructor(writers: WatchesWriters, run: CollectionRun, sought: readonly Sought[]) {
    this.#writers = writers;
    this.#run = run;
    this.#sought = sought;
  }

  /** Whether something may go from it. If another registry writes into it the run is suspended. */
  async mayLose(repository: RepositoryName): Promise<boolean> {
    if (this.#run.ended) return false;
    const key = repository.toString();
    const known = this.#known.get(key) ?? (await this.#isOurs(repository));
    this.#known.set(key, known);
    return known;
  }

  async #isOurs(repository: RepositoryName): Promise<boolean> {
    const { signal } = this.#run;
    try {
      for (const sought of this.#sought) {
        const verdict = await this.#writers.verdict(repository, sought, signal);
        if (verdict.kind === 'not-alone') this.#run.suspend(verdict.reason);
        if (verdict.kind !== 'alone') return false;
      }
      return true;
    } catch (error) {
      if (!signal.aborted) throw error;
      return false;
    }
  }
}
