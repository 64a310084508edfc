import { existsSync } from 'node:fs';
import type { Container } from 'inversify';
import type { ConfigurationRequest } from '../application/ports/system/configuration-reader.js';
import { loadConfig } from '../infrastructure/config/load-config.js';
import type { OpenExplanation } from '../interfaces/cli/commands/open-explanation.js';
import { StartFailed } from '../interfaces/cli/start-failed.js';
import { databasePath } from './database-path.js';
import { enterFolder } from './enter-folder.js';
import { logToStderr } from './log-to-stderr.js';
import { openToRead } from './open-to-read.js';
import { TOKENS as T } from './tokens.js';

/**
 * Opens the database to be asked why something is kept; a registry may serve meanwhile.
 * @throws ConfigurationError; StartFailed with one sentence
 */
export async function openExplanation(
  container: Container,
  request: ConfigurationRequest,
): Promise<OpenExplanation> {
  const { config } = loadConfig(request, process.env, process.cwd());
  const path = databasePath(config);
  if (path === undefined) {
    throw new StartFailed('the storage is in memory, so only the registry that runs knows what is in it.');
  }
  if (!existsSync(path)) {
    throw new StartFailed(`there is no metadata database ${path}; \`stowage serve\` makes it.`);
  }
  container.bind(T.config).toConstantValue(config);
  const shutdown = logToStderr(container);
  try {
    enterFolder(container, shutdown, 'stowage gc explain');
    await openToRead(container, config, shutdown);
    return { explain: await container.getAsync(T.explainContent), close: () => shutdown.run() };
  } catch (error) {
    await Promise.allSettled([shutdown.run()]);
    throw error;
  }
}
