import { ContainerModule } from 'inversify';
import type { CollectionRequest } from '../../application/services/collection-run.js';
import { CollectionPermit } from '../../application/services/collection-permit.js';
import { ContentRemoval } from '../../application/services/content-removal.js';
import { ForeignNames } from '../../application/services/foreign-names.js';
import { SoleWriter } from '../../application/services/sole-writer.js';
import { CollectGarbage } from '../../application/use-cases/maintenance/collect-garbage.js';
import { DropUnreadable } from '../../application/use-cases/maintenance/drop-unreadable.js';
import { ReadAgain } from '../../application/use-cases/maintenance/read-again.js';
import { ReportKept } from '../../application/use-cases/maintenance/report-kept.js';
import type { Grace } from '../../domain/lifecycle/grace.js';
import type { Config } from '../../infrastructure/config/config.js';
import { SqliteContentRemovals } from '../../infrastructure/metadata/sqlite/sqlite-content-removals.js';
import { SqliteReviews } from '../../infrastructure/metadata/sqlite/sqlite-reviews.js';
import { LayoutRepositoryNames } from '../../infrastructure/storage/layout/layout-repository-names.js';
import { CollectionJob } from '../../interfaces/jobs/collection-job.js';
import { TOKENS as T } from '../tokens.js';
import type { Bind } from './bind.js';

/** What removes content that nothing needs. */
export const collectionModule = new ContainerModule(({ bind }) => {
  bind(T.reviews).toResolvedValue(
    (database, grace) => new SqliteReviews(database, grace),
    [T.database, T.grace],
  );
  bind(T.contentRemovals).toResolvedValue((database) => new SqliteContentRemovals(database), [T.database]);
  bind(T.contentRemoval).toResolvedValue(
    (contents, storage, barrier, clock, random) =>
      new ContentRemoval(contents, storage, barrier, clock, random),
    [T.contentRemovals, T.blobRemoval, T.durabilityBarrier, T.clock, T.random],
  );
  bind(T.collectGarbage).toResolvedValue(
    (reviews, contents, removal, names, writers, clock, grace) =>
      new CollectGarbage({ reviews, contents, removal, names, writers }, clock, grace),
    [T.reviews, T.contentRemovals, T.contentRemoval, T.namePublisher, T.soleWriter, T.clock, T.grace],
  );
  bind(T.foreignNames).toResolvedValue(
    (driver, tree, changes, journal, comparison, clock) =>
      new ForeignNames(new LayoutRepositoryNames(driver), tree, changes, journal, comparison, clock),
    [T.storageDriver, T.storedTree, T.treeChanges, T.nameJournal, T.nameComparison, T.clock],
  );
  bind(T.soleWriter).toResolvedValue(
    (foreign, ownership, logger) => new SoleWriter(foreign, ownership, logger),
    [T.foreignNames, T.treeOwnership, T.logger],
  );
  bindReports(bind);
  bindJob(bind);
});

/** What collects while the registry serves. */
function bindJob(bind: Bind): void {
  bind(T.collectionPermit).toResolvedValue(
    (comparison, mode, instances) => new CollectionPermit(comparison, mode, instances),
    [T.treeComparison, T.readOnlyMode, T.instances],
  );
  bind(T.collectionJob).toResolvedValue(
    (collect, removal, permit, metrics, inForce, grace, logger) =>
      new CollectionJob({ collect, removal, permit, metrics, logger }, () =>
        continuously(inForce.current, grace),
      ),
    [
      T.collectGarbage,
      T.blobRemoval,
      T.collectionPermit,
      T.collectionCounts,
      T.configInForce,
      T.grace,
      T.logger,
    ],
  );
}

/** What tells of a collection, or lets it go further. */
function bindReports(bind: Bind): void {
  bind(T.reportKept).toResolvedValue(
    (reviews, clock, grace) => new ReportKept(reviews, clock, grace),
    [T.reviews, T.clock, T.grace],
  );
  bind(T.readAgain).toResolvedValue(
    (reviews, adoption) => new ReadAgain(reviews, adoption),
    [T.reviews, T.repositoryAdoption],
  );
  bind(T.dropUnreadable).toResolvedValue((reviews) => new DropUnreadable(reviews), [T.reviews]);
}

function continuously({ gc }: Config, grace: Grace): CollectionRequest {
  return {
    grace,
    requested: false,
    untagged: gc.untagged.enabled,
    batch: gc.batch,
    pause: gc.pause,
  };
}
