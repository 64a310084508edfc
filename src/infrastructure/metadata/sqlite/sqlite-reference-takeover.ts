import type { ReferenceTakeover } from '../../../application/ports/metadata/reference-takeover.js';
import type { LinkedName } from '../../../domain/repository/linked-name.js';
import { adoptionStatements } from '../sql/adoption-statements.js';
import { ContentRows } from './content-rows.js';
import { RepositoryRows } from './repository-rows.js';
import type { SqliteDatabase } from './sqlite-database.js';

export class SqliteReferenceTakeover implements ReferenceTakeover {
  readonly #database: SqliteDatabase;
  readonly #repositories: RepositoryRows;
  readonly #contents: ContentRows;
  readonly #lackBlob;
  readonly #lackChild;
  readonly #releaseBlob;
  readonly #releaseChild;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#repositories = new RepositoryRows(database);
    this.#contents = new ContentRows(database);
    this.#lackBlob = database.prepare(adoptionStatements.lackBlob);
    this.#lackChild = database.prepare(adoptionStatements.lackChild);
    this.#releaseBlob = database.prepare(adoptionStatements.releaseBlob);
    this.#releaseChild = database.prepare(adoptionStatements.releaseChild);
  }

  release({ kind, repository, digest }: Exclude<LinkedName, { kind: 'tag' }>): Promise<void> {
    return this.#database.transaction(() => {
      const repositoryId = this.#repositories.find(repository);
      const contentId = this.#contents.find(digest);
      if (repositoryId === undefined || contentId === undefined) return;
      if (kind === 'layer') {
        this.#lackBlob.run(repositoryId, contentId);
        this.#releaseBlob.run(repositoryId, contentId);
      } else {
        this.#lackChild.run(repositoryId, contentId);
        this.#releaseChild.run(repositoryId, contentId);
      }
    });
  }
}
