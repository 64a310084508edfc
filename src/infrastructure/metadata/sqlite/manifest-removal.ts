import type { NameChange } from '../../../application/ports/metadata/name-journal.js';
import type { Digest } from '../../../domain/content/digest.js';
import type { Grace } from '../../../domain/lifecycle/grace.js';
import { blobStatements } from '../sql/blob-statements.js';
import { manifestStatements } from '../sql/manifest-statements.js';
import { ContentRows } from './content-rows.js';
import type { DepartedSubjects } from './departed-subjects.js';
import { JournalRows } from './journal-rows.js';
import { ManifestTags } from './manifest-tags.js';
import { RepositoryRows, type RepositoryRow } from './repository-rows.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Takes a manifest out of its repository, inside the transactions of the ports. */
export class ManifestRemoval {
  readonly #grace: Grace;
  readonly #departed: DepartedSubjects;
  readonly #repositories: RepositoryRows;
  readonly #contents: ContentRows;
  readonly #journal: JournalRows;
  readonly #tags: ManifestTags;
  readonly #reviewLinks;
  readonly #reviewChildren;
  readonly #delete;

  constructor(database: SqliteDatabase, grace: Grace, departed: DepartedSubjects) {
    this.#grace = grace;
    this.#departed = departed;
    this.#repositories = new RepositoryRows(database);
    this.#contents = new ContentRows(database);
    this.#journal = new JournalRows(database);
    this.#tags = new ManifestTags(database, grace);
    this.#reviewLinks = database.prepare(blobStatements.reviewReferenced);
    this.#reviewChildren = database.prepare(manifestStatements.reviewChildren);
    this.#delete = database.prepare(manifestStatements.delete);
  }

  /**
   * With the tags that point at it; no index may list it. What it referenced gets a whole grace, its referrers are due
   * at once: some of them now, the others when DepartedSubjects goes on.
   */
  remove(repository: RepositoryRow, contentId: number, digest: Digest, now: number): readonly NameChange[] {
    const { id, name } = repository;
    this.#reviewLinks.run(id, contentId, this.#grace.end(now));
    this.#reviewChildren.run(id, contentId, this.#grace.end(now));
    this.#departed.add(id, digest, now);
    const tags = this.#tags.deleteAll(repository, contentId, digest);
    this.#delete.run(id, contentId);
    this.#contents.lostBy(id, contentId, now);
    this.#repositories.depopulate(id);
    const revision = { kind: 'revision', repository: name, digest } as const;
    const rows = { repositoryId: id, contentId };
    return [...tags, this.#journal.add(rows, revision, { replaced: digest, given: undefined })];
  }
}
