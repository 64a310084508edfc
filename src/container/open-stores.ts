import type { Container } from 'inversify';
import { keyOfName } from '../domain/repository/linked-name.js';
import { DatabaseRefused } from '../infrastructure/metadata/sqlite/database-refused.js';
import { StartFailed } from '../interfaces/cli/start-failed.js';
import type { Shutdown } from './shutdown.js';
import { explainStorageError } from './start-errors.js';
import { nameOfPlace } from './storage-place.js';
import { TOKENS as T } from './tokens.js';

export async function openStores(container: Container, shutdown: Shutdown): Promise<void> {
  const driver = container.get(T.storageDriver);
  shutdown.add('storage', () => driver.close());
  shutdown.add('hashing', () => container.get(T.hashing).close());
  try {
    // A store that can not be reached tells best what is wrong with it when it is asked for nothing else.
    if (driver.name === 's3') await driver.probe();
    const database = await container.getAsync(T.database);
    shutdown.add('metadata', () => database.close());
    if (driver.name !== 's3') await driver.probe();
    const barrier = await container.getAsync(T.durabilityBarrier);
    shutdown.add('durability barrier', () => barrier.close());
    if (container.get(T.leadership).leads) await startCheckpointer(container, shutdown);
  } catch (error) {
    if (error instanceof DatabaseRefused) throw new StartFailed(error.message, { cause: error });
    throw explainStorageError(error);
  }
}

/** Moves what is committed into the database file, for all processes that share it. */
export async function startCheckpointer(container: Container, shutdown: Shutdown): Promise<void> {
  const checkpointer = await container.getAsync(T.checkpointer);
  shutdown.add('checkpointer', () => checkpointer?.close());
}

/** A tree in which nothing is belongs to this database from now on. */
export async function claimTree(container: Container, shutdown: Shutdown): Promise<void> {
  try {
    const ownership = await container.getAsync(T.treeOwnership);
    await refuseLostTree(container);
    if (!(await ownership.isClaimed())) await ownership.claimEmpty();
    shutdown.add('tree ownership', () => ownership.tell());
  } catch (error) {
    throw explainStorageError(error);
  }
}

/**
 * An empty folder under a database that knows images is a disk that is not mounted, an empty bucket another one: nothing
 * may be taken out for that.
 */
async function refuseLostTree(container: Container): Promise<void> {
  const config = container.get(T.config);
  const { kind } = config.storage.driver;
  if (kind === 'inmemory') return;
  const [known] = await (await container.getAsync(T.repositoryCatalog)).page({ after: undefined, limit: 1 });
  if (known === undefined || !(await container.get(T.treeOwner).isEmpty())) return;
  throw new StartFailed(
    `the metadata database knows repositories (${known} is the first), and ${nameOfPlace(config)} is empty; ` +
      `${kind === 's3' ? 'is the bucket or rootdirectory another one?' : 'is its disk mounted?'} ` +
      'To begin anew with it, use `stowage index rebuild`.',
  );
}

/** Finishes what a process before did not live to write, and at the end what this one has still to flush. */
export async function replayNames(container: Container, shutdown: Shutdown): Promise<void> {
  const names = await container.getAsync(T.namePublisher);
  const logger = container.get(T.logger);
  shutdown.add('link files', async () => {
    await names.flush();
    if (names.pending > 0) logger.warn('link files are left for the next start', { links: names.pending });
  });
  const replay = await container.getAsync(T.replayNames);
  const { written, changedElsewhere } = await replay.execute();
  if (written > 0) logger.info('link files of the last run were finished', { links: written });
  for (const name of changedElsewhere) {
    logger.warn('a name was changed by another program since the last run', { name: keyOfName(name) });
  }
}
