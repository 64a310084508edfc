import { existsSync } from 'node:fs';
import type { Container } from 'inversify';
import { loadConfig } from '../infrastructure/config/load-config.js';
import type { IndexRequest, OpenIndex } from '../interfaces/cli/commands/open-index.js';
import { StartFailed } from '../interfaces/cli/start-failed.js';
import { databasePath } from './database-path.js';
import { enterFolder } from './enter-folder.js';
import { logToStderr } from './log-to-stderr.js';
import type { Shutdown } from './shutdown.js';
import { untilSignal } from './signals.js';
import { openToRead } from './open-to-read.js';
import { openStores, replayNames } from './open-stores.js';
import { TOKENS as T } from './tokens.js';

const COMMANDS = {
  verify: 'verify',
  flush: 'flush',
  'repair-tree': 'repair',
  'repair-database': 'repair',
} as const;

/**
 * Opens tree and database for a command that compares them; a registry may serve meanwhile.
 * @throws ConfigurationError; StartFailed with one sentence
 */
export async function openIndex(container: Container, request: IndexRequest): Promise<OpenIndex> {
  const { config } = loadConfig(request.configuration, process.env, process.cwd());
  if (config.storage.driver.kind === 'inmemory') {
    throw new StartFailed('the storage is in memory, so there is no tree that could be compared.');
  }
  const path = databasePath(config);
  // A new one would know nothing, and whatever the tree has would be one name too many.
  if (request.purpose !== 'repair-database' && path !== undefined && !existsSync(path)) {
    throw new StartFailed(`there is no metadata database ${path}; \`stowage serve\` makes it.`);
  }
  container.bind(T.config).toConstantValue(config);
  const shutdown = logToStderr(container);
  try {
    const takesIn = request.purpose === 'repair-database';
    enterFolder(container, shutdown, `stowage index ${COMMANDS[request.purpose]}`, { takesIn });
    if (request.purpose === 'verify') await openToRead(container, config, shutdown);
    else await openToWrite(container, request.purpose, shutdown);
    return await opened(container, shutdown);
  } catch (error) {
    await Promise.allSettled([shutdown.run()]);
    throw error;
  }
}

async function openToWrite(
  container: Container,
  purpose: Exclude<IndexRequest['purpose'], 'verify'>,
  shutdown: Shutdown,
): Promise<void> {
  // A database that is not the tree's own, as a restored one is, is what this repairs.
  if (purpose === 'repair-database') container.rebind(T.expectedOwner).toConstantValue(undefined);
  await openStores(container, shutdown);
  if (purpose !== 'flush') await replayNames(container, shutdown);
}

async function opened(container: Container, shutdown: Shutdown): Promise<OpenIndex> {
  const stop = new AbortController();
  void untilSignal().then((signal) => stop.abort(new Error(`stopped by ${signal}`)));
  const journal = await container.getAsync(T.nameJournal);
  const [unfinished] = await journal.abandoned(0, 1);
  const adoption = await (await container.getAsync(T.treeAdoption)).progress();
  return {
    verify: await container.getAsync(T.verifyIndex),
    repair: () => container.getAsync(T.repairIndex),
    flush: async () => (await container.getAsync(T.replayNames)).execute(),
    shared: container.get(T.instances).hasCompany(),
    unfinished: unfinished !== undefined,
    incomplete: adoption !== undefined && adoption.finishedAt === undefined,
    signal: stop.signal,
    close: () => shutdown.run(),
  };
}
