import type { RepositoryCatalog } from '../../../application/ports/metadata/repository-catalog.js';
import type { PageRequest } from '../../../application/ports/metadata/tag-index.js';
import { repositoryStatements } from '../sql/repository-statements.js';
import type { SqliteDatabase } from './sqlite-database.js';

export class SqliteRepositoryCatalog implements RepositoryCatalog {
  readonly #page;

  constructor(database: SqliteDatabase) {
    this.#page = database.prepare(repositoryStatements.page);
  }

  async page({ after, limit }: PageRequest): Promise<readonly string[]> {
    return this.#page.all(after ?? '', limit).map(({ name }) => name);
  }
}
