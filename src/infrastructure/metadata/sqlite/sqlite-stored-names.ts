import type { RowPage, StoredNames, StoredRow } from '../../../application/ports/metadata/stored-names.js';
import { decodeDigest } from '../sql/digest-codec.js';
import { storedNameStatements } from '../sql/stored-name-statements.js';
import type { SqliteDatabase } from './sqlite-database.js';

export class SqliteStoredNames implements StoredNames {
  readonly #revisions;
  readonly #layers;

  constructor(database: SqliteDatabase) {
    this.#revisions = database.prepare(storedNameStatements.revisions);
    this.#layers = database.prepare(storedNameStatements.layers);
  }

  async revisions(repository: string, { after, limit }: RowPage): Promise<readonly StoredRow[]> {
    return this.#revisions.all(repository, after, limit).map(toRow);
  }

  async layers(repository: string, { after, limit }: RowPage): Promise<readonly StoredRow[]> {
    return this.#layers.all(repository, after, limit).map(toRow);
  }
}

function toRow({ content_id: row, digest }: { content_id: number; digest: Uint8Array }): StoredRow {
  return { row, digest: decodeDigest(digest) };
}
