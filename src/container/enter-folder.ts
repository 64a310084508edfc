import type { Container } from 'inversify';
import { dirname } from 'node:path';
import { FolderInUse } from '../application/ports/system/folder-in-use.js';
import type { Config } from '../infrastructure/config/config.js';
import { whyNotWritable } from '../infrastructure/storage/drivers/filesystem/tree-access.js';
import { StartFailed } from '../interfaces/cli/start-failed.js';
import { databasePath } from './database-path.js';
import { explainStorageError } from './start-errors.js';
import type { Shutdown } from './shutdown.js';
import { TOKENS as T } from './tokens.js';

interface EnterOptions {
  readonly how?: 'shared' | 'alone';
  readonly takesIn?: boolean;
}

/**
 * The first thing that any command does with the storage's folder, before the database is opened: holds the folder,
 * and lets others know that this process lives. Given up last.
 * @param command what the process does, for the messages of others: `stowage serve`
 * @param options how: `alone` for what replaces the database; takesIn: names of the tree are taken into it
 * @throws StartFailed when another process stands against it, or the folder can not be written
 */
export function enterFolder(
  container: Container,
  shutdown: Shutdown,
  command: string,
  { how = 'shared', takesIn = false }: EnterOptions = {},
): void {
  refuseUnwritable(container.get(T.config), container.get(T.treeAccess).readOnly);
  const lock = container.get(T.folderLock);
  const instances = container.get(T.instances);
  const { kind, name } = container.get(T.databaseDisk);
  try {
    if (kind === 'network') {
      const reason = `the metadata database lies on ${name}, where only one process can use it; a file on a local disk as metadata.sqlite.path allows several`;
      lock.acquire('alone', reason);
    } else lock.acquire(how);
    shutdown.add('folder lock', () => lock.release());
    instances.begin(command, takesIn);
    shutdown.add('instance', () => instances.end());
  } catch (error) {
    if (error instanceof FolderInUse) throw new StartFailed(`${error.message}.`, { cause: error });
    throw explainStorageError(error);
  }
}

/** Read-only is possible only where the database may still be written. */
function refuseUnwritable(config: Config, why: NodeJS.ErrnoException | undefined): void {
  const { driver } = config.storage;
  const path = databasePath(config);
  if (why === undefined || driver.kind !== 'filesystem' || path === undefined) return;
  if (whyNotWritable(dirname(path)) === undefined) return;
  throw new StartFailed(
    `the folder ${driver.rootdirectory} cannot be written: ${why.message}; let this user write there, or ` +
      'name a file elsewhere as metadata.sqlite.path, and the folder is served read-only.',
    { cause: why },
  );
}
