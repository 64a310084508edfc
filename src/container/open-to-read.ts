import type { Container } from 'inversify';
import type { Config } from '../infrastructure/config/config.js';
import { DatabaseRefused } from '../infrastructure/metadata/sqlite/database-refused.js';
import { SqliteDatabase } from '../infrastructure/metadata/sqlite/sqlite-database.js';
import { StartFailed } from '../interfaces/cli/start-failed.js';
import { databasePath } from './database-path.js';
import type { Shutdown } from './shutdown.js';
import { explainStorageError } from './start-errors.js';
import { TOKENS as T } from './tokens.js';

/**
 * Opens tree and database for a command that changes neither; a registry may serve meanwhile.
 * @throws StartFailed with one sentence
 */
export async function openToRead(container: Container, config: Config, shutdown: Shutdown): Promise<void> {
  const driver = container.get(T.storageDriver);
  shutdown.add('storage', () => driver.close());
  await openDatabaseToRead(container, config, shutdown);
}

/** The same of the database alone. @throws StartFailed with one sentence */
export async function openDatabaseToRead(
  container: Container,
  config: Config,
  shutdown: Shutdown,
): Promise<void> {
  const path = databasePath(config);
  // There nobody else can have the database open.
  const isAlone = container.get(T.databaseDisk).kind === 'network';
  if (path !== undefined && !isAlone) {
    container
      .rebind(T.database)
      .toResolvedValue(
        (onFatal, instances) => SqliteDatabase.openReadOnly(path, onFatal, instances.own),
        [T.onFatal, T.instances],
      );
  }
  try {
    const database = await container.getAsync(T.database);
    shutdown.add('metadata', () => database.close());
  } catch (error) {
    if (error instanceof DatabaseRefused) throw new StartFailed(`${error.message}.`, { cause: error });
    throw explainStorageError(error);
  }
}
