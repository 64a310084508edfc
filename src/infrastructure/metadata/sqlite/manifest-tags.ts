import { GRACE } from '../../../domain/lifecycle/grace.js';
import type { TagName } from '../../../domain/tag/tag-name.js';
import { manifestStatements } from '../sql/manifest-statements.js';
import { tagStatements } from '../sql/tag-statements.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Moves tags from manifest to manifest, inside the transactions of the ports. */
export class ManifestTags {
  readonly #target;
  readonly #names;
  readonly #move;
  readonly #delete;
  readonly #deleteAll;
  readonly #review;

  constructor(database: SqliteDatabase) {
    this.#target = database.prepare(tagStatements.target);
    this.#names = database.prepare(tagStatements.names);
    this.#move = database.prepare(tagStatements.move);
    this.#delete = database.prepare(tagStatements.delete);
    this.#deleteAll = database.prepare(tagStatements.deleteAll);
    this.#review = database.prepare(manifestStatements.review);
  }

  isTagged(repositoryId: number, manifestId: number): boolean {
    return this.#names.get(repositoryId, manifestId) !== undefined;
  }

  /** Points the tags at the manifest; those that they leave without a tag are reviewed after the grace. */
  move(repositoryId: number, manifestId: number, tags: readonly TagName[], now: number): void {
    const left = new Set<number>();
    for (const tag of tags) {
      const former = this.#target.get(repositoryId, tag.toString())?.content_id;
      if (former === manifestId) continue;
      this.#move.run(repositoryId, tag.toString(), manifestId, now);
      if (former !== undefined) left.add(former);
    }
    for (const former of left) this.#reviewUntagged(repositoryId, former, now);
  }

  /** False when there is no such tag. */
  delete(repositoryId: number, tag: TagName, now: number): boolean {
    const target = this.#target.get(repositoryId, tag.toString())?.content_id;
    if (target === undefined) return false;
    this.#delete.run(repositoryId, tag.toString());
    this.#reviewUntagged(repositoryId, target, now);
    return true;
  }

  /** With their manifest, which goes too. */
  deleteAll(repositoryId: number, manifestId: number): void {
    this.#deleteAll.run(repositoryId, manifestId);
  }

  #reviewUntagged(repositoryId: number, manifestId: number, now: number): void {
    if (!this.isTagged(repositoryId, manifestId)) this.#review.run(repositoryId, manifestId, now + GRACE);
  }
}
