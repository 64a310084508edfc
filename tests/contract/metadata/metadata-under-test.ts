import { NOW } from './metadata-actions.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobIndex } from '../../../src/application/ports/metadata/blob-index.js';
import type { ContentHolders } from '../../../src/application/ports/metadata/content-holders.js';
import type { ContentRegister } from '../../../src/application/ports/metadata/content-register.js';
import type { ContentRemovals } from '../../../src/application/ports/metadata/content-removals.js';
import type { ManifestIndex } from '../../../src/application/ports/metadata/manifest-index.js';
import type { NameJournal } from '../../../src/application/ports/metadata/name-journal.js';
import type { Outbox } from '../../../src/application/ports/metadata/outbox.js';
import type { OrphanScans } from '../../../src/application/ports/metadata/orphan-scans.js';
import type { ReferrerIndex } from '../../../src/application/ports/metadata/referrer-index.js';
import type { RepositoryCatalog } from '../../../src/application/ports/metadata/repository-catalog.js';
import type { Reviews } from '../../../src/application/ports/metadata/reviews.js';
import type { TagIndex } from '../../../src/application/ports/metadata/tag-index.js';
import type { TreeAdoption } from '../../../src/application/ports/metadata/tree-adoption.js';
import type { UploadSessions } from '../../../src/application/ports/metadata/upload-sessions.js';
import { ManifestContents } from '../../../src/infrastructure/metadata/sqlite/manifest-contents.js';
import { SqliteBlobIndex } from '../../../src/infrastructure/metadata/sqlite/sqlite-blob-index.js';
import { SqliteContentHolders } from '../../../src/infrastructure/metadata/sqlite/sqlite-content-holders.js';
import { SqliteContentRegister } from '../../../src/infrastructure/metadata/sqlite/sqlite-content-register.js';
import { SqliteContentRemovals } from '../../../src/infrastructure/metadata/sqlite/sqlite-content-removals.js';
import { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteManifestIndex } from '../../../src/infrastructure/metadata/sqlite/sqlite-manifest-index.js';
import { SqliteNameJournal } from '../../../src/infrastructure/metadata/sqlite/sqlite-name-journal.js';
import { SqliteOutbox } from '../../../src/infrastructure/metadata/sqlite/sqlite-outbox.js';
import { SqliteOrphanScans } from '../../../src/infrastructure/metadata/sqlite/sqlite-orphan-scans.js';
import { SqliteReferrerIndex } from '../../../src/infrastructure/metadata/sqlite/sqlite-referrer-index.js';
import { SqliteRepositoryCatalog } from '../../../src/infrastructure/metadata/sqlite/sqlite-repository-catalog.js';
import { SqliteTagIndex } from '../../../src/infrastructure/metadata/sqlite/sqlite-tag-index.js';
import { SqliteReviews } from '../../../src/infrastructure/metadata/sqlite/sqlite-reviews.js';
import { SqliteTreeAdoption } from '../../../src/infrastructure/metadata/sqlite/sqlite-tree-adoption.js';
import { SqliteUploadSessions } from '../../../src/infrastructure/metadata/sqlite/sqlite-upload-sessions.js';
import { GRACE } from '../../support/fakes.js';

/** Of a subject that goes, looked at in one transaction: so few that tests have more. */
export const REFERRERS_AT_ONCE = 2;

export interface MetadataPorts {
  readonly blobs: BlobIndex;
  readonly manifests: ManifestIndex;
  readonly tags: TagIndex;
  readonly catalog: RepositoryCatalog;
  readonly referrers: ReferrerIndex;
  readonly uploads: UploadSessions;
  readonly journal: NameJournal;
  readonly adoption: TreeAdoption;
  readonly reviews: Reviews;
  readonly removals: ContentRemovals;
  readonly contents: ContentRegister;
  readonly orphanScans: OrphanScans;
  readonly holders: ContentHolders;
  readonly outbox: Outbox;
}

export interface MetadataUnderTest extends MetadataPorts {
  dispose(): Promise<void>;
}

export type OpenMetadata = () => Promise<MetadataUnderTest>;

export function portsOf(database: SqliteDatabase): MetadataPorts {
  const contents = new ManifestContents(database);
  return {
    blobs: new SqliteBlobIndex(database, GRACE),
    manifests: new SqliteManifestIndex(database, contents, GRACE, REFERRERS_AT_ONCE),
    tags: new SqliteTagIndex(database, GRACE),
    catalog: new SqliteRepositoryCatalog(database),
    referrers: new SqliteReferrerIndex(database, contents),
    uploads: new SqliteUploadSessions(database, { now: () => NOW }),
    journal: new SqliteNameJournal(database, contents, () => false),
    adoption: new SqliteTreeAdoption(database, GRACE),
    reviews: new SqliteReviews(database, GRACE, REFERRERS_AT_ONCE),
    removals: new SqliteContentRemovals(database),
    contents: new SqliteContentRegister(database),
    orphanScans: new SqliteOrphanScans(database),
    holders: new SqliteContentHolders(database, contents),
    outbox: new SqliteOutbox(database),
  };
}

export function unexpectedEnd(reason: string, cause: unknown): never {
  throw new Error(`the process would have ended: ${reason}`, { cause });
}

export async function sqliteFileUnderTest(): Promise<MetadataUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'stowage-metadata-'));
  const database = await SqliteDatabase.open(join(folder, 'stowage', 'metadata.db'), unexpectedEnd);
  return {
    ...portsOf(database),
    dispose: async () => {
      database.close();
      await rm(folder, { recursive: true });
    },
  };
}

export async function sqliteMemoryUnderTest(): Promise<MetadataUnderTest> {
  const database = await SqliteDatabase.open(undefined, unexpectedEnd);
  return { ...portsOf(database), dispose: async () => database.close() };
}
