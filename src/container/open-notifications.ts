import { existsSync } from 'node:fs';
import type { Container } from 'inversify';
import { loadConfig } from '../infrastructure/config/load-config.js';
import { DatabaseRefused } from '../infrastructure/metadata/sqlite/database-refused.js';
import type {
  NotificationsRequest,
  OpenNotifications,
} from '../interfaces/cli/commands/open-notifications.js';
import { StartFailed } from '../interfaces/cli/start-failed.js';
import { databasePath } from './database-path.js';
import { enterFolder } from './enter-folder.js';
import { logToStderr } from './log-to-stderr.js';
import { openToRead } from './open-to-read.js';
import type { Shutdown } from './shutdown.js';
import { explainStorageError } from './start-errors.js';
import { TOKENS as T } from './tokens.js';

/**
 * Opens the database to be asked about notifications; a registry may serve meanwhile.
 * @throws ConfigurationError; StartFailed with one sentence
 */
export async function openNotifications(
  container: Container,
  { configuration, purpose }: NotificationsRequest,
): Promise<OpenNotifications> {
  const { config } = loadConfig(configuration, process.env, process.cwd());
  const path = databasePath(config);
  if (path === undefined) {
    throw new StartFailed('the storage is in memory, so only the registry that runs knows what waits.');
  }
  if (!existsSync(path)) {
    throw new StartFailed(`there is no metadata database ${path}; \`stowage serve\` makes it.`);
  }
  container.bind(T.config).toConstantValue(config);
  const shutdown = logToStderr(container);
  try {
    enterFolder(container, shutdown, `stowage notifications ${purpose}`);
    if (purpose === 'status') await openToRead(container, config, shutdown);
    else await openToWrite(container, shutdown);
    return {
      endpoints: config.notifications.endpoints.map(({ name }) => name),
      show: await container.getAsync(T.showEndpoints),
      retry: await container.getAsync(T.retryDeliveries),
      close: () => shutdown.run(),
    };
  } catch (error) {
    await Promise.allSettled([shutdown.run()]);
    throw error;
  }
}

async function openToWrite(container: Container, shutdown: Shutdown): Promise<void> {
  const driver = container.get(T.storageDriver);
  shutdown.add('storage', () => driver.close());
  shutdown.add('hashing', () => container.get(T.hashing).close());
  try {
    const database = await container.getAsync(T.database);
    shutdown.add('metadata', () => database.close());
  } catch (error) {
    if (error instanceof DatabaseRefused) throw new StartFailed(error.message, { cause: error });
    throw explainStorageError(error);
  }
}
