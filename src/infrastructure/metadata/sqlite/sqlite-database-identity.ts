import type { DatabaseIdentity } from '../../../application/ports/metadata/database-identity.js';
import { identityStatements } from '../sql/identity-statements.js';
import type { SqliteDatabase } from './sqlite-database.js';

export class SqliteDatabaseIdentity implements DatabaseIdentity {
  readonly id: string;
  readonly #lastChange;

  constructor(database: SqliteDatabase) {
    const row = database.prepare(identityStatements.id).get();
    if (row === undefined) throw new Error('the metadata database has no identity');
    this.id = Buffer.from(row.id).toString('hex');
    this.#lastChange = database.prepare(identityStatements.lastChange);
  }

  lastChange(): number {
    return this.#lastChange.get()?.seq ?? 0;
  }
}
