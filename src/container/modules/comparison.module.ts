import { ContainerModule } from 'inversify';
import { DatabaseNames } from '../../application/services/database-names.js';
import { DatabaseRepair } from '../../application/services/database-repair.js';
import { IndexComparison } from '../../application/services/index-comparison.js';
import { NameComparison } from '../../application/services/name-comparison.js';
import { RepositoryAdoption } from '../../application/services/repository-adoption.js';
import { SettledDifferences } from '../../application/services/settled-differences.js';
import { TreeRepair } from '../../application/services/tree-repair.js';
import { RepairIndex } from '../../application/use-cases/maintenance/repair-index.js';
import { VerifyIndex } from '../../application/use-cases/maintenance/verify-index.js';
import { SqliteStoredNames } from '../../infrastructure/metadata/sqlite/sqlite-stored-names.js';
import { SqliteTreeAdoption } from '../../infrastructure/metadata/sqlite/sqlite-tree-adoption.js';
import { SqliteTagTakeover } from '../../infrastructure/metadata/sqlite/sqlite-tag-takeover.js';
import { TOKENS as T } from '../tokens.js';
import type { Bind } from './bind.js';

/** What holds tree and database against one another. */
export const comparisonModule = new ContainerModule(({ bind }) => {
  bind(T.storedNames).toResolvedValue((database) => new SqliteStoredNames(database), [T.database]);
  bind(T.treeAdoption).toResolvedValue((database) => new SqliteTreeAdoption(database), [T.database]);
  bind(T.repositoryAdoption).toResolvedValue(
    (tree, adoption, clock) => new RepositoryAdoption(tree, adoption, clock),
    [T.storedTree, T.treeAdoption, T.clock],
  );
  bind(T.tagTakeover).toResolvedValue((database) => new SqliteTagTakeover(database), [T.database]);
  bind(T.nameComparison).toResolvedValue(
    (tree, links, journal, blobs) => new NameComparison(tree, links, journal, blobs),
    [T.storedTree, T.linkStore, T.nameJournal, T.blobIndex],
  );
  bind(T.indexComparison).toResolvedValue(
    (tree, catalog, tags, names, comparison, clock) =>
      new IndexComparison(
        tree,
        new DatabaseNames(catalog, tags, names),
        comparison,
        new SettledDifferences(tree, comparison, clock),
      ),
    [T.storedTree, T.repositoryCatalog, T.tagIndex, T.storedNames, T.nameComparison, T.clock],
  );
  bind(T.verifyIndex).toResolvedValue((comparison) => new VerifyIndex(comparison), [T.indexComparison]);
  bindRepair(bind);
});

function bindRepair(bind: Bind): void {
  bind(T.treeRepair).toResolvedValue(
    (journal, links) => new TreeRepair(journal, links),
    [T.nameJournal, T.linkStore],
  );
  bind(T.databaseRepair).toResolvedValue(
    (adoption, takeover, comparison, tags, manifests, blobs, names, clock) =>
      new DatabaseRepair(adoption, takeover, comparison, { tags, manifests, blobs }, names, clock),
    [
      T.repositoryAdoption,
      T.tagTakeover,
      T.nameComparison,
      T.tagIndex,
      T.manifestIndex,
      T.blobIndex,
      T.namePublisher,
      T.clock,
    ],
  );
  bind(T.repairIndex).toResolvedValue(
    (comparison, tree, database, ownership) => new RepairIndex(comparison, { tree, database }, ownership),
    [T.indexComparison, T.treeRepair, T.databaseRepair, T.treeOwnership],
  );
}
