import type { NameChange } from '../../../application/ports/metadata/name-journal.js';
import type { MovedTags } from '../../../application/ports/metadata/tree-adoption.js';
import type { Digest } from '../../../domain/content/digest.js';
import type { Grace } from '../../../domain/lifecycle/grace.js';
import { TagName } from '../../../domain/tag/tag-name.js';
import { decodeDigest } from '../sql/digest-codec.js';
import { manifestStatements } from '../sql/manifest-statements.js';
import { tagStatements } from '../sql/tag-statements.js';
import { JournalRows } from './journal-rows.js';
import type { RepositoryRow } from './repository-rows.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Moves tags from manifest to manifest, inside the transactions of the ports. */
export class ManifestTags {
  readonly #grace: Grace;
  readonly #journal: JournalRows;
  readonly #target;
  readonly #names;
  readonly #all;
  readonly #move;
  readonly #delete;
  readonly #deleteAll;
  readonly #review;

  constructor(database: SqliteDatabase, grace: Grace) {
    this.#grace = grace;
    this.#journal = new JournalRows(database);
    this.#target = database.prepare(tagStatements.target);
    this.#names = database.prepare(tagStatements.names);
    this.#all = database.prepare(tagStatements.all);
    this.#move = database.prepare(tagStatements.move);
    this.#delete = database.prepare(tagStatements.delete);
    this.#deleteAll = database.prepare(tagStatements.deleteAll);
    this.#review = database.prepare(manifestStatements.review);
  }

  isTagged(repositoryId: number, manifestId: number): boolean {
    return this.#names.get(repositoryId, manifestId) !== undefined;
  }

  /** Points the tags at the manifest; those that they leave without a tag are reviewed after the grace. */
  move(
    { id, name: repository }: RepositoryRow,
    manifest: { readonly contentId: number; readonly digest: Digest },
    tags: readonly TagName[],
    now: number,
  ): readonly NameChange[] {
    const { contentId: manifestId, digest } = manifest;
    const changes: NameChange[] = [];
    const left = new Set<number>();
    for (const tag of tags) {
      const former = this.#target.get(id, tag.toString());
      if (former?.content_id === manifestId) continue;
      this.#move.run(id, tag.toString(), manifestId, now);
      if (former !== undefined) left.add(former.content_id);
      const replaced = former === undefined ? undefined : decodeDigest(former.digest);
      const rows = { repositoryId: id, contentId: manifestId };
      const given = { target: digest };
      changes.push(this.#journal.add(rows, { kind: 'tag', repository, tag }, { replaced, given }));
    }
    for (const former of left) this.#reviewUntagged(id, former, now);
    return changes;
  }

  /** Points a tag where the tree has it already. @returns whether anything was changed */
  adopt(repositoryId: number, manifestId: number, tag: string, moved: MovedTags, now: number): boolean {
    const former = this.#target.get(repositoryId, tag)?.content_id;
    if (former === manifestId || (former !== undefined && moved === 'keep')) return false;
    this.#move.run(repositoryId, tag, manifestId, now);
    if (former !== undefined) this.#reviewUntagged(repositoryId, former, now);
    return true;
  }

  /** Undefined when there is no such tag. */
  delete({ id, name: repository }: RepositoryRow, tag: TagName, now: number): NameChange | undefined {
    const former = this.#target.get(id, tag.toString());
    if (former === undefined) return undefined;
    this.#delete.run(id, tag.toString());
    this.#reviewUntagged(id, former.content_id, now);
    const rows = { repositoryId: id, contentId: former.content_id };
    const replaced = decodeDigest(former.digest);
    return this.#journal.add(rows, { kind: 'tag', repository, tag }, { replaced, given: undefined });
  }

  /** With their manifest, which goes too. */
  deleteAll(
    { id, name: repository }: RepositoryRow,
    manifestId: number,
    digest: Digest,
  ): readonly NameChange[] {
    const tags = this.#all.all(id, manifestId).map(({ name }) => TagName.parse(name));
    this.#deleteAll.run(id, manifestId);
    const rows = { repositoryId: id, contentId: manifestId };
    const change = { replaced: digest, given: undefined };
    return tags.map((tag) => this.#journal.add(rows, { kind: 'tag', repository, tag }, change));
  }

  #reviewUntagged(repositoryId: number, manifestId: number, now: number): void {
    if (this.isTagged(repositoryId, manifestId)) return;
    this.#review.run(repositoryId, manifestId, this.#grace.end(now));
  }
}
