import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type DialectAdapter,
  type Driver,
  type SqliteDatabase as KyselyDatabase,
  type SqliteStatement,
} from 'kysely';

/** kysely over an open connection, for migrations: the connection stays open when kysely is destroyed. */
export class MigrationDialect extends SqliteDialect {
  readonly #database: KyselyDatabase;

  constructor(connection: DatabaseSyncInstance) {
    const database: KyselyDatabase = {
      prepare: (sql) => adaptStatement(connection, sql),
      close: () => undefined,
    };
    super({ database });
    this.#database = database;
  }

  override createDriver(): Driver {
    return new ImmediateDriver({ database: this.#database });
  }

  override createAdapter(): DialectAdapter {
    return new TransactionalAdapter();
  }
}

/** A deferred transaction that reads before it writes may fail with a stale snapshot, which no waiting cures. */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

/** Schema changes of SQLite roll back, so all migrations are one transaction. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function adaptStatement(connection: DatabaseSyncInstance, sql: string): SqliteStatement {
  const statement = connection.prepare(sql);
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...parameters),
    run: (parameters) => statement.run(...parameters),
    iterate: (parameters) => statement.iterate(...parameters),
  };
}
