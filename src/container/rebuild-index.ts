import type { Container } from 'inversify';
import { loadConfig } from '../infrastructure/config/load-config.js';
import { DatabaseRefused } from '../infrastructure/metadata/sqlite/database-refused.js';
import {
  removeDatabase,
  replaceDatabase,
  siblingOf,
} from '../infrastructure/metadata/sqlite/replace-database.js';
import type { ConfigurationRequest } from '../application/ports/system/configuration-reader.js';
import type { RebuildOptions, RebuildReport } from '../interfaces/cli/commands/index-rebuild.js';
import { StartFailed } from '../interfaces/cli/start-failed.js';
import { databasePath } from './database-path.js';
import { enterFolder } from './enter-folder.js';
import { FormerDatabase } from './former-database.js';
import { logToStderr } from './log-to-stderr.js';
import { makeDatabase } from './make-database.js';
import { withSignals } from './signals.js';
import { explainStorageError } from './start-errors.js';
import { TOKENS as T } from './tokens.js';

/**
 * Makes the metadata database anew from the folder, beside the old one, which it then replaces in one step. A fault, a
 * signal or a kill before that step leaves the old one as it was.
 * @throws ConfigurationError; StartFailed with one sentence
 */
export async function rebuildIndex(
  container: Container,
  request: ConfigurationRequest,
  options: RebuildOptions,
): Promise<RebuildReport> {
  const { config } = loadConfig(request, process.env, process.cwd());
  const path = databasePath(config);
  if (path === undefined || config.storage.driver.kind === 'inmemory') {
    throw new StartFailed('the storage is in memory, so there is no folder to make a database from.');
  }
  container.bind(T.config).toConstantValue(config);
  const shutdown = logToStderr(container);
  try {
    enterFolder(container, shutdown, 'stowage index rebuild', { how: 'alone', takesIn: true });
    const driver = container.get(T.storageDriver);
    shutdown.add('storage', () => driver.close());
    await driver.probe();
    return await withSignals((signal) => rebuild(container, path, options, signal));
  } catch (error) {
    if (error instanceof DatabaseRefused) throw new StartFailed(`${error.message}.`, { cause: error });
    throw explainStorageError(error);
  } finally {
    await shutdown.run();
  }
}

async function rebuild(
  container: Container,
  path: string,
  options: RebuildOptions,
  signal: AbortSignal,
): Promise<RebuildReport> {
  const begun = container.get(T.clock).now();
  removeDatabase(siblingOf(path));
  const former = await FormerDatabase.open(container, path);
  try {
    const { counts, uploads, ownership } = await makeDatabase(container, path, former, options, signal);
    await former.close();
    // What can not be read may be something else than a database.
    replaceDatabase(path, former.refused !== undefined);
    const { readOnly } = container.get(T.treeAccess);
    if (readOnly === undefined) await container.get(T.treeOwner).write(ownership);
    const seconds = (container.get(T.clock).now() - begun) / 1_000;
    return { counts, uploads, notCarriedOver: former.refused, seconds };
  } catch (error) {
    await former.close();
    removeDatabase(siblingOf(path));
    if (!signal.aborted) throw error;
    throw new StartFailed('stopped; the metadata database is as it was.', { cause: error });
  }
}
