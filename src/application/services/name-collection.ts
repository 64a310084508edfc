import type { NameChange } from '../ports/metadata/name-journal.js';
import type { DueName, Reviews } from '../ports/metadata/reviews.js';
import type { CollectionRun } from './collection-run.js';
import { ROWS_AT_ONCE } from './content-removal.js';
import type { Publisher } from './database-repair.js';
import { inGroups } from './in-groups.js';

/** Removes names that nothing needs: manifests that no tag reaches, links that no manifest references. */
export class NameCollection {
  readonly #reviews: Reviews;
  readonly #names: Publisher;

  constructor(reviews: Reviews, names: Publisher) {
    this.#reviews = reviews;
    this.#names = names;
  }

  async manifests(run: CollectionRun): Promise<void> {
    for await (const page of run.pages('others', (each) => this.#reviews.dueManifests(each))) {
      const changes: NameChange[] = [];
      for (const due of page) {
        if (run.signal.aborted) break;
        changes.push(...(await this.#reviewManifest(run, due)));
        await run.breathe();
      }
      if (changes.length > 0) await this.#names.publish(changes);
    }
  }

  async links(run: CollectionRun): Promise<void> {
    for await (const page of run.pages('links', (each) => this.#reviews.dueLinks(each))) {
      const changes: NameChange[] = [];
      for (const group of inGroups(page, ROWS_AT_ONCE)) {
        if (run.signal.aborted) break;
        changes.push(...(await this.#reviewLinks(run, group)));
        await run.breathe();
      }
      if (changes.length > 0) await this.#names.publish(changes);
    }
  }

  async #reviewManifest(run: CollectionRun, due: DueName): Promise<readonly NameChange[]> {
    const review = await this.#reviews.reviewManifest(due, run.moment('others'));
    if (review.kind === 'unreadable' || review.kind === 'too-many') run.keptUnreadable();
    if (review.kind !== 'removed') return [];
    for (const manifest of review.manifests) run.manifestRemoved(manifest);
    return review.changes;
  }

  async #reviewLinks(run: CollectionRun, links: readonly DueName[]): Promise<readonly NameChange[]> {
    const changes: NameChange[] = [];
    for (const review of await this.#reviews.reviewLinks(links, run.moment('links'))) {
      if (review.kind === 'unreadable') run.keptUnreadable();
      if (review.kind !== 'unlinked') continue;
      run.unlinked();
      changes.push(...review.changes);
    }
    return changes;
  }
}
