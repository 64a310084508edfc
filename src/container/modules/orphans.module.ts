import { ContainerModule } from 'inversify';
import { LooseUploads } from '../../application/services/loose-uploads.js';
import { OrphanNames } from '../../application/services/orphan-names.js';
import { OrphanSearch } from '../../application/services/orphan-search.js';
import { ScanOrphans } from '../../application/use-cases/maintenance/scan-orphans.js';
import { SqliteOrphanScans } from '../../infrastructure/metadata/sqlite/sqlite-orphan-scans.js';
import { LayoutTreeInventory } from '../../infrastructure/storage/layout/layout-tree-inventory.js';
import { TOKENS as T } from '../tokens.js';

/** What looks for bytes in the tree that no row knows. */
export const orphansModule = new ContainerModule(({ bind }) => {
  bind(T.treeInventory).toResolvedValue((driver) => new LayoutTreeInventory(driver), [T.storageDriver]);
  bind(T.orphanScans).toResolvedValue((database) => new SqliteOrphanScans(database), [T.database]);
  bind(T.scanOrphans).toResolvedValue(
    (inventory, changes, contents, scans, adoption, sessions, uploads, clock) =>
      new ScanOrphans(
        {
          search: new OrphanSearch(inventory, contents, scans),
          names: new OrphanNames(inventory, contents, adoption),
          uploads: new LooseUploads(inventory, sessions, uploads),
        },
        { inventory, changes },
        { contents, scans },
        clock,
      ),
    [
      T.treeInventory,
      T.treeChanges,
      T.contentRegister,
      T.orphanScans,
      T.repositoryAdoption,
      T.uploadSessions,
      T.uploadStore,
      T.clock,
    ],
  );
});
