import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import { repositoryStatements } from '../sql/repository-statements.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** A repository, by the id of its row and by its name. */
export interface RepositoryRow {
  readonly id: number;
  readonly name: RepositoryName;
}

/** Rows of repositories, inside the transactions of the ports. */
export class RepositoryRows {
  readonly #id;
  readonly #insert;
  readonly #populate;
  readonly #clearPopulated;

  constructor(database: SqliteDatabase) {
    this.#id = database.prepare(repositoryStatements.id);
    this.#insert = database.prepare(repositoryStatements.insert);
    this.#populate = database.prepare(repositoryStatements.populate);
    this.#clearPopulated = database.prepare(repositoryStatements.clearPopulated);
  }

  find(name: RepositoryName): number | undefined {
    return this.#id.get(name.toString())?.id;
  }

  findOrCreate(name: RepositoryName, now: number): number {
    return this.find(name) ?? this.#insert.insert(name.toString(), now);
  }

  /** It has just been given a blob or a manifest. */
  populate(id: number): void {
    this.#populate.run(id);
  }

  /** Something was taken from it; when that was the last, it is gone for clients. */
  depopulate(id: number): void {
    this.#clearPopulated.run(id);
  }
}
