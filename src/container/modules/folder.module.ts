import { ContainerModule } from 'inversify';
import { dirname, join } from 'node:path';
import type { Ownership } from '../../application/ports/storage/tree-owner.js';
import { TreeOwnership } from '../../application/services/tree-ownership.js';
import type { ExpectedOwner } from '../../infrastructure/metadata/sqlite/assert-owner.js';
import { DatabaseRefused } from '../../infrastructure/metadata/sqlite/database-refused.js';
import { SqliteDatabaseIdentity } from '../../infrastructure/metadata/sqlite/sqlite-database-identity.js';
import { SqliteFolderLock } from '../../infrastructure/metadata/sqlite/sqlite-folder-lock.js';
import { SqliteInstances } from '../../infrastructure/metadata/sqlite/sqlite-instances.js';
import { whyReadOnly } from '../../infrastructure/storage/drivers/filesystem/tree-access.js';
import { LayoutTreeOwner } from '../../infrastructure/storage/layout/layout-tree-owner.js';
import { fileSystemAt, LOCAL } from '../../infrastructure/system/file-system-type.js';
import { NoFolderLock } from '../../infrastructure/system/no-folder-lock.js';
import { SingleInstance } from '../../infrastructure/system/single-instance.js';
import { databasePath } from '../database-path.js';
import { instancesFolder, nameOfPlace, processFolder } from '../storage-place.js';
import { TOKENS as T } from '../tokens.js';
import type { TreeAccess } from '../tree-access.js';
import type { Bind } from './bind.js';

/** Who uses the storage's folder, and which database it belongs to. */
export const folderModule = new ContainerModule(({ bind }) => {
  bindUse(bind);
  bindOwner(bind);
  bind(T.databaseDisk).toResolvedValue(
    (config) => {
      const path = databasePath(config);
      return path === undefined ? LOCAL : fileSystemAt(dirname(path));
    },
    [T.config],
  );
});

function bindUse(bind: Bind): void {
  bind(T.treeAccess).toResolvedValue(
    ({ storage: { driver } }): TreeAccess => {
      return { readOnly: driver.kind === 'filesystem' ? whyReadOnly(driver.rootdirectory) : undefined };
    },
    [T.config],
  );
  bind(T.sqliteInstances).toResolvedValue(
    (config, clock) => new SqliteInstances(instancesFolder(config) ?? '', clock),
    [T.config, T.clock],
  );
  bind(T.instances).toResolvedValue(
    (config, { readOnly }, inFolder) => {
      if (readOnly !== undefined) return new SingleInstance(true);
      return processFolder(config) === undefined ? new SingleInstance(false) : inFolder;
    },
    [T.config, T.treeAccess, T.sqliteInstances],
  );
  bind(T.folderLock).toResolvedValue(
    (config, { readOnly }, instances) => {
      const folder = processFolder(config);
      if (folder === undefined) return new NoFolderLock();
      const path = join(folder, 'lock.db');
      return new SqliteFolderLock({ path, of: nameOfPlace(config) }, instances, readOnly === undefined);
    },
    [T.config, T.treeAccess, T.sqliteInstances],
  );
}

function bindOwner(bind: Bind): void {
  bind(T.treeOwner).toResolvedValue((driver) => new LayoutTreeOwner(driver), [T.storageDriver]);
  bind(T.expectedOwner).toResolvedValue(
    async (owner, config, { readOnly }) => {
      // A tree that nobody can write, or nobody else can see, can not come between two databases.
      if (processFolder(config) === undefined || readOnly !== undefined) return undefined;
      return expectedOwner(nameOfPlace(config), await owner.read());
    },
    [T.treeOwner, T.config, T.treeAccess],
  );
  bind(T.databaseIdentity).toResolvedValue((database) => new SqliteDatabaseIdentity(database), [T.database]);
  bind(T.treeOwnership).toResolvedValue(
    (owner, identity, barrier, logger, { readOnly }) =>
      new TreeOwnership(owner, identity, barrier, logger, readOnly !== undefined),
    [T.treeOwner, T.databaseIdentity, T.durabilityBarrier, T.logger, T.treeAccess],
  );
}

function expectedOwner(place: string, said: Ownership | 'damaged' | undefined): ExpectedOwner | undefined {
  if (said === 'damaged') {
    throw new DatabaseRefused(
      `stowage/owner.json in ${place} is damaged, so it is not known which metadata database belongs to it; make one ` +
        'anew from what is there with `stowage index rebuild`, or let the one that you have take it in with ' +
        '`stowage index repair --from-storage`',
    );
  }
  return said && { place, ...said };
}
