import { ContainerModule } from 'inversify';
import { DatabaseNames } from '../../application/services/database-names.js';
import { DatabaseRepair, type Publisher } from '../../application/services/database-repair.js';
import { IndexComparison } from '../../application/services/index-comparison.js';
import { NameComparison } from '../../application/services/name-comparison.js';
import { RepositoryAdoption } from '../../application/services/repository-adoption.js';
import { SettledDifferences } from '../../application/services/settled-differences.js';
import { TreeComparison } from '../../application/services/tree-comparison.js';
import { TreeRepair } from '../../application/services/tree-repair.js';
import { FindLostBlobs } from '../../application/use-cases/maintenance/find-lost-blobs.js';
import { FollowTree } from '../../application/use-cases/maintenance/follow-tree.js';
import { RepairIndex } from '../../application/use-cases/maintenance/repair-index.js';
import { TakeInRepository } from '../../application/use-cases/maintenance/take-in-repository.js';
import { VerifyIndex } from '../../application/use-cases/maintenance/verify-index.js';
import { SqliteContentRegister } from '../../infrastructure/metadata/sqlite/sqlite-content-register.js';
import { SqliteReferenceTakeover } from '../../infrastructure/metadata/sqlite/sqlite-reference-takeover.js';
import { SqliteStoredNames } from '../../infrastructure/metadata/sqlite/sqlite-stored-names.js';
import { SqliteTreeAdoption } from '../../infrastructure/metadata/sqlite/sqlite-tree-adoption.js';
import { SqliteTagTakeover } from '../../infrastructure/metadata/sqlite/sqlite-tag-takeover.js';
import { LayoutTreeChanges } from '../../infrastructure/storage/layout/layout-tree-changes.js';
import { TOKENS as T } from '../tokens.js';
import type { Bind } from './bind.js';

/** What holds tree and database against one another. */
export const comparisonModule = new ContainerModule(({ bind }) => {
  bind(T.storedNames).toResolvedValue((database) => new SqliteStoredNames(database), [T.database]);
  bind(T.treeAdoption).toResolvedValue(
    (database, grace) => new SqliteTreeAdoption(database, grace),
    [T.database, T.grace],
  );
  bind(T.repositoryAdoption).toResolvedValue(
    (tree, adoption, clock) => new RepositoryAdoption(tree, adoption, clock),
    [T.storedTree, T.treeAdoption, T.clock],
  );
  bind(T.referenceTakeover).toResolvedValue(
    (database) => new SqliteReferenceTakeover(database),
    [T.database],
  );
  bind(T.tagTakeover).toResolvedValue(
    (database, grace) => new SqliteTagTakeover(database, grace),
    [T.database, T.grace],
  );
  bind(T.nameComparison).toResolvedValue(
    (tree, links, journal, blobs) => new NameComparison(tree, links, journal, blobs),
    [T.storedTree, T.linkStore, T.nameJournal, T.blobIndex],
  );
  bind(T.databaseNames).toResolvedValue(
    (catalog, tags, names) => new DatabaseNames(catalog, tags, names),
    [T.repositoryCatalog, T.tagIndex, T.storedNames],
  );
  bind(T.indexComparison).toResolvedValue(
    (tree, database, comparison, clock) => {
      const settled = new SettledDifferences(tree, comparison, clock);
      return new IndexComparison(tree, database, comparison, settled);
    },
    [T.storedTree, T.databaseNames, T.nameComparison, T.clock],
  );
  bind(T.verifyIndex).toResolvedValue((comparison) => new VerifyIndex(comparison), [T.indexComparison]);
  bindRepair(bind);
  bindFollowing(bind);
  bindTakeIn(bind);
});

/** What finds out, at the start, what another program has changed in the tree. */
function bindTakeIn(bind: Bind): void {
  bind(T.treeChanges).toResolvedValue((driver) => new LayoutTreeChanges(driver), [T.storageDriver]);
  bind(T.contentRegister).toResolvedValue((database) => new SqliteContentRegister(database), [T.database]);
  bind(T.findLostBlobs).toResolvedValue(
    (changes, tree, contents, logger) => new FindLostBlobs(changes, tree, contents, logger),
    [T.treeChanges, T.storedTree, T.contentRegister, T.logger],
  );
  bind(T.takeInRepository).toResolvedValue(
    ({ listing }, tree, links, journal, blobs, database, makeRepair, names, instances, logger, clock) => {
      // Where nothing tells which repositories were changed, all are compared, and most are as they were.
      const namesOnly = listing !== undefined;
      const comparison = new NameComparison(tree, links, journal, blobs, { namesOnly });
      const settled = new SettledDifferences(tree, comparison, clock);
      const walk = new IndexComparison(tree, database, comparison, settled);
      const repair = () => makeRepair(names, { alsoHeld: true });
      return new TakeInRepository(walk, settled, repair, instances, logger);
    },
    [
      T.storageDriver,
      T.storedTree,
      T.linkStore,
      T.nameJournal,
      T.blobIndex,
      T.databaseNames,
      T.makeDatabaseRepair,
      T.namePublisher,
      T.instances,
      T.logger,
      T.clock,
    ],
  );
  bind(T.treeComparison).toResolvedValue(
    (names, changes, takeIn, clock) => new TreeComparison(names, changes, takeIn, clock),
    [T.indexComparison, T.treeChanges, T.takeInRepository, T.clock],
  );
}

function bindRepair(bind: Bind): void {
  bind(T.treeRepair).toResolvedValue(
    (journal, links, barrier) => new TreeRepair(journal, links, barrier),
    [T.nameJournal, T.linkStore, T.durabilityBarrier],
  );
  bind(T.makeDatabaseRepair).toResolvedValue(
    (adoption, takeover, comparison, tags, manifests, blobs, references, clock) =>
      (publisher, { alsoHeld }) =>
        new DatabaseRepair(
          adoption,
          takeover,
          comparison,
          { tags, manifests, blobs },
          publisher,
          clock,
          alsoHeld ? references : undefined,
        ),
    [
      T.repositoryAdoption,
      T.tagTakeover,
      T.nameComparison,
      T.tagIndex,
      T.manifestIndex,
      T.blobIndex,
      T.referenceTakeover,
      T.clock,
    ],
  );
  bind(T.repairIndex).toResolvedValue(
    (comparison, tree, makeRepair, names, ownership) =>
      new RepairIndex(comparison, { tree, database: makeRepair(names, { alsoHeld: false }) }, ownership),
    [T.indexComparison, T.treeRepair, T.makeDatabaseRepair, T.namePublisher, T.treeOwnership],
  );
}

/** For a tree that another registry writes: what it has lost already is deleted from no tree, now or by a later start. */
function bindFollowing(bind: Bind): void {
  bind(T.followTree).toResolvedValue(
    (walk, comparison, makeRepair, journal, clock) => {
      const publisher: Publisher = {
        publish: (changes) => journal.forget(changes.map(({ id }) => ({ id }))),
        flush: async () => undefined,
      };
      return new FollowTree(walk, comparison, () => makeRepair(publisher, { alsoHeld: true }), clock);
    },
    [T.indexComparison, T.nameComparison, T.makeDatabaseRepair, T.nameJournal, T.clock],
  );
}
