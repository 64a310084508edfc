import type { NameChange } from '../../../application/ports/metadata/name-journal.js';
import type { PageRequest, TagIndex } from '../../../application/ports/metadata/tag-index.js';
import type { RegistryEvent } from '../../../domain/events/registry-event.js';
import type { Grace } from '../../../domain/lifecycle/grace.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { TagName } from '../../../domain/tag/tag-name.js';
import { repositoryStatements } from '../sql/repository-statements.js';
import { tagStatements } from '../sql/tag-statements.js';
import { ManifestTags } from './manifest-tags.js';
import { OutboxRows } from './outbox-rows.js';
import { RepositoryRows } from './repository-rows.js';
import type { SqliteDatabase } from './sqlite-database.js';

export class SqliteTagIndex implements TagIndex {
  readonly #database: SqliteDatabase;
  readonly #repositories: RepositoryRows;
  readonly #tags: ManifestTags;
  readonly #outbox: OutboxRows;
  readonly #isPopulated;
  readonly #page;

  constructor(database: SqliteDatabase, grace: Grace) {
    this.#database = database;
    this.#repositories = new RepositoryRows(database);
    this.#tags = new ManifestTags(database, grace);
    this.#outbox = new OutboxRows(database);
    this.#isPopulated = database.prepare(repositoryStatements.isPopulated);
    this.#page = database.prepare(tagStatements.page);
  }

  async repositoryExists(repository: RepositoryName): Promise<boolean> {
    return this.#isPopulated.get(repository.toString())?.populated === 1;
  }

  async page(repository: RepositoryName, { after, limit }: PageRequest): Promise<readonly string[]> {
    return this.#page.all(repository.toString(), after ?? '', limit).map(({ name }) => name);
  }

  delete(
    repository: RepositoryName,
    tag: TagName,
    now: number,
    events: readonly RegistryEvent[] = [],
  ): Promise<readonly NameChange[] | undefined> {
    return this.#database.transaction(() => {
      const id = this.#repositories.find(repository);
      if (id === undefined) return undefined;
      const change = this.#tags.delete({ id, name: repository }, tag, now);
      if (change === undefined) return undefined;
      this.#outbox.add(events);
      return [change];
    });
  }
}
