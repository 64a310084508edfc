import type { Container } from 'inversify';
import { FolderInUse } from '../application/ports/system/folder-in-use.js';
import { StartFailed } from '../interfaces/cli/start-failed.js';
import { refuseUnwritable } from './refuse-unwritable.js';
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
