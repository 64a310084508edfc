import type { ContentRemovals } from '../application/ports/metadata/content-removals.js';
import type { Reviews } from '../application/ports/metadata/reviews.js';
import type { BlobRemoval } from '../application/ports/storage/blob-removal.js';
import type { CollectionPermit } from '../application/services/collection-permit.js';
import type { ContentRemoval } from '../application/services/content-removal.js';
import type { ForeignNames } from '../application/services/foreign-names.js';
import type { SoleWriter } from '../application/services/sole-writer.js';
import type { CollectGarbage } from '../application/use-cases/maintenance/collect-garbage.js';
import type { DropUnreadable } from '../application/use-cases/maintenance/drop-unreadable.js';
import type { ReportKept } from '../application/use-cases/maintenance/report-kept.js';
import type { CollectionJob } from '../interfaces/jobs/collection-job.js';
import type { PurgeUploads } from '../application/use-cases/maintenance/purge-uploads.js';
import type { CollectionOptions, OpenCollection } from '../interfaces/cli/commands/open-collection.js';
import type { ConfigurationRequest } from '../application/ports/system/configuration-reader.js';
import type { Job } from '../interfaces/jobs/scheduled-jobs.js';
import type { OrphanScans } from '../application/ports/metadata/orphan-scans.js';
import type { TreeInventory } from '../application/ports/storage/tree-inventory.js';
import type { ScanOrphans } from '../application/use-cases/maintenance/scan-orphans.js';
import type { ReadAgain } from '../application/use-cases/maintenance/read-again.js';
import { token } from './token.js';

/** What removes things that nothing needs. */
export const COLLECTION_TOKENS = {
  reviews: token<Reviews>('Reviews'),
  contentRemovals: token<ContentRemovals>('ContentRemovals'),
  contentRemoval: token<ContentRemoval>('ContentRemoval'),
  collectionPermit: token<CollectionPermit>('CollectionPermit'),
  foreignNames: token<ForeignNames>('ForeignNames'),
  soleWriter: token<SoleWriter>('SoleWriter'),
  collectGarbage: token<CollectGarbage>('CollectGarbage'),
  reportKept: token<ReportKept>('ReportKept'),
  readAgain: token<ReadAgain>('ReadAgain'),
  dropUnreadable: token<DropUnreadable>('DropUnreadable'),
  collectionJob: token<CollectionJob>('CollectionJob'),
  blobRemoval: token<BlobRemoval>('BlobRemoval'),
  purgeUploads: token<PurgeUploads>('PurgeUploads'),
  collectionJobs: token<readonly Job[]>('CollectionJobs'),
  openCollection:
    token<(request: ConfigurationRequest, options: CollectionOptions) => Promise<OpenCollection>>(
      'OpenCollection',
    ),
  treeInventory: token<TreeInventory>('TreeInventory'),
  orphanScans: token<OrphanScans>('OrphanScans'),
  scanOrphans: token<ScanOrphans>('ScanOrphans'),
} as const;
