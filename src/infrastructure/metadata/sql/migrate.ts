import { Migrator, type Kysely } from 'kysely';
import { MIGRATIONS } from './migrations/migrations.js';

/**
 * Brings an open database to the newest schema, in one transaction.
 * @throws whatever a migration throws; the database is then as it was
 */
export async function migrate(db: Kysely<unknown>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error instanceof Error) throw error;
  if (error !== undefined) throw new Error('the metadata database could not be migrated', { cause: error });
}
