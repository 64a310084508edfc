import { createHash, type Hash } from 'node:crypto';
import type { Hashing } from '../../../../src/application/ports/system/hashing.js';
import type { BlobIndex } from '../../../../src/application/ports/metadata/blob-index.js';
import type { NameJournal } from '../../../../src/application/ports/metadata/name-journal.js';
import type { UploadSessions } from '../../../../src/application/ports/metadata/upload-sessions.js';
import type { DurabilityBarrier } from '../../../../src/application/ports/metadata/durability-barrier.js';
import type { StorageDriver } from '../../../../src/application/ports/storage/storage-driver.js';
import type { Instances } from '../../../../src/application/ports/system/instances.js';
import { BlobCommit } from '../../../../src/application/services/blob-commit.js';
import { ContentRemoval } from '../../../../src/application/services/content-removal.js';
import { UNWATCHED } from '../../../../src/application/services/sole-writer.js';
import { NamePublisher } from '../../../../src/application/services/name-publisher.js';
import { RunningDigests } from '../../../../src/application/services/running-digests.js';
import { TreeComparison } from '../../../../src/application/services/tree-comparison.js';
import { UploadLeases } from '../../../../src/application/services/upload-leases.js';
import { WholeBodies } from '../../../../src/application/services/whole-bodies.js';
import { DeleteBlob } from '../../../../src/application/use-cases/blob/delete-blob.js';
import { MountBlob } from '../../../../src/application/use-cases/blob/mount-blob.js';
import { PullBlob } from '../../../../src/application/use-cases/blob/pull-blob.js';
import { StatBlob } from '../../../../src/application/use-cases/blob/stat-blob.js';
import { CollectGarbage } from '../../../../src/application/use-cases/maintenance/collect-garbage.js';
import { ForgetSettledUploads } from '../../../../src/application/use-cases/maintenance/forget-settled-uploads.js';
import { PurgeUploads } from '../../../../src/application/use-cases/maintenance/purge-uploads.js';
import { ReplayNames } from '../../../../src/application/use-cases/maintenance/replay-names.js';
import { DeleteManifest } from '../../../../src/application/use-cases/manifest/delete-manifest.js';
import { PullManifest } from '../../../../src/application/use-cases/manifest/pull-manifest.js';
import { PushManifest } from '../../../../src/application/use-cases/manifest/push-manifest.js';
import { DeleteTag } from '../../../../src/application/use-cases/tag/delete-tag.js';
import { AppendChunk } from '../../../../src/application/use-cases/upload/append-chunk.js';
import { CancelUpload } from '../../../../src/application/use-cases/upload/cancel-upload.js';
import { CompleteUpload } from '../../../../src/application/use-cases/upload/complete-upload.js';
import { PushBlob } from '../../../../src/application/use-cases/upload/push-blob.js';
import { StartUpload } from '../../../../src/application/use-cases/upload/start-upload.js';
import { Digest, type DigestAlgorithm } from '../../../../src/domain/content/digest.js';
import { DeletionPolicy } from '../../../../src/domain/lifecycle/deletion-policy.js';
import { keyOfName } from '../../../../src/domain/repository/linked-name.js';
import { Grace } from '../../../../src/domain/lifecycle/grace.js';
import { ManifestContents } from '../../../../src/infrastructure/metadata/sqlite/manifest-contents.js';
import { SqliteBlobIndex } from '../../../../src/infrastructure/metadata/sqlite/sqlite-blob-index.js';
import { SqliteContentRemovals } from '../../../../src/infrastructure/metadata/sqlite/sqlite-content-removals.js';
import type { SqliteDatabase } from '../../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteManifestIndex } from '../../../../src/infrastructure/metadata/sqlite/sqlite-manifest-index.js';
import { SqliteNameJournal } from '../../../../src/infrastructure/metadata/sqlite/sqlite-name-journal.js';
import { SqliteReviews } from '../../../../src/infrastructure/metadata/sqlite/sqlite-reviews.js';
import { SqliteTagIndex } from '../../../../src/infrastructure/metadata/sqlite/sqlite-tag-index.js';
import { SqliteUploadSessions } from '../../../../src/infrastructure/metadata/sqlite/sqlite-upload-sessions.js';
import { LayoutBlobRemoval } from '../../../../src/infrastructure/storage/layout/layout-blob-removal.js';
import { LayoutBlobStore } from '../../../../src/infrastructure/storage/layout/layout-blob-store.js';
import { LayoutLinkStore } from '../../../../src/infrastructure/storage/layout/layout-link-store.js';
import { LayoutUploadStore } from '../../../../src/infrastructure/storage/layout/layout-upload-store.js';
import { ReceivedChunks } from '../../../../src/infrastructure/system/received-chunks.js';
import { QUIET_ANNOUNCER, QUIET_CONTEXT } from '../../../support/application-under-test.js';
import { NOTHING_KEPT, NO_NOTES } from '../../../support/fakes.js';
import type { CollectionModel, ModelRules } from './collection-model.js';
import { observeNames } from './observe-names.js';
import type { Life, Scheduler } from './scheduler.js';
import type { SeededChoices } from './seeded-choices.js';
import { withPoints, type Observer } from './with-points.js';

export interface ProcessParts {
  readonly life: Life;
  readonly database: SqliteDatabase;
  readonly driver: StorageDriver;
  readonly driverObserver: Observer<StorageDriver>;
  readonly barrier: DurabilityBarrier;
  readonly scheduler: Scheduler;
  readonly model: CollectionModel;
  readonly choices: SeededChoices;
  readonly instances: Instances;
  readonly referrersAtOnce: number;
}

const { logger } = QUIET_CONTEXT;
const allowed = new DeletionPolicy({ enabled: true });

/** A process on the shared database and tree, wired as the container wires it, each of whose calls waits for its turn. */
export function openProcess(parts: ProcessParts) {
  const { life, database, scheduler, model, instances, referrersAtOnce } = parts;
  const grace = new Grace(model.rules.grace);
  const clock = scheduler.clockOf(life);
  const observers = observeNames(model);
  const at = <P extends object>(port: P, name: string, observer: Observer<P> = {}): P =>
    withPoints(port, name, scheduler, life, observer);
  const driver = at(parts.driver, 'storage', parts.driverObserver);
  const bodies = new ManifestContents(database);
  const ports = {
    blobs: at(new SqliteBlobIndex(database, grace), 'blobs', observers.blobs),
    manifests: at(
      new SqliteManifestIndex(database, bodies, grace, referrersAtOnce),
      'manifests',
      observers.manifests,
    ),
    tags: at(new SqliteTagIndex(database, grace), 'tags', observers.tags),
    journal: at<NameJournal>(
      new SqliteNameJournal(database, bodies, (id) => instances.isAlive(id)),
      'journal',
    ),
    reviews: at(new SqliteReviews(database, grace, referrersAtOnce), 'reviews', observers.reviews),
    contents: at(new SqliteContentRemovals(database), 'contents', observers.contents),
    sessions: at<UploadSessions>(new SqliteUploadSessions(database, clock), 'sessions'),
    barrier: at(parts.barrier, 'barrier'),
  };
  const links = new LayoutLinkStore(driver);
  const names = new NamePublisher(ports.journal, links, ports.barrier, NO_NOTES, clock, logger);
  const fences = new LayoutBlobRemoval(driver);
  const removal = new ContentRemoval(ports.contents, fences, ports.barrier, clock, parts.choices);
  return {
    life,
    database,
    clock,
    grace,
    names,
    removal,
    ports,
    ...blobUseCases(parts, { ...ports, driver, names, removal, clock, grace, rules: model.rules }),
    pushManifest: new PushManifest(ports.manifests, names, removal, clock, QUIET_ANNOUNCER, model.rules),
    pullManifest: new PullManifest(ports.manifests),
    deleteManifest: new DeleteManifest(ports.manifests, names, clock, allowed, QUIET_ANNOUNCER),
    deleteTag: new DeleteTag(ports.tags, names, clock, allowed, QUIET_ANNOUNCER),
    replayNames: notingWhatItLeaves(new ReplayNames(ports.journal, links, names, instances), model),
    collect: new CollectGarbage({ ...ports, removal, names, writers: UNWATCHED }, clock, grace),
  };
}

export type CollectionProcess = ReturnType<typeof openProcess>;

function notingWhatItLeaves(
  replay: ReplayNames,
  { leftInTree }: CollectionModel,
): Pick<ReplayNames, 'execute'> {
  return {
    execute: async () => {
      const report = await replay.execute();
      for (const name of report.changedElsewhere) leftInTree.add(keyOfName(name));
      return report;
    },
  };
}

interface Wired {
  readonly blobs: BlobIndex;
  readonly journal: NameJournal;
  readonly sessions: UploadSessions;
  readonly driver: StorageDriver;
  readonly names: NamePublisher;
  readonly removal: ContentRemoval;
  readonly clock: ReturnType<Scheduler['clockOf']>;
  readonly grace: Grace;
  readonly rules: ModelRules;
}

function blobUseCases({ choices }: ProcessParts, wired: Wired) {
  const { blobs, sessions, driver, names, removal, clock, grace } = wired;
  const store = new LayoutBlobStore(driver);
  const uploads = new LayoutUploadStore(driver);
  const commit = new BlobCommit(blobs, store, names, removal, clock, QUIET_ANNOUNCER, wired.rules.waiting);
  const hashing = new LoopHashing();
  const whole = new WholeBodies(hashing);
  const leases = new UploadLeases(
    sessions,
    uploads,
    new RunningDigests(hashing),
    clock,
    choices,
    new ReceivedChunks(),
  );
  const start = new StartUpload(sessions, clock, choices);
  const cancel = new CancelUpload(sessions, uploads, clock);
  const complete = new CompleteUpload(sessions, uploads, store, leases, commit, whole, cancel);
  const settled = new ForgetSettledUploads(sessions, uploads, clock, logger);
  return {
    pushBlob: new PushBlob(commit, whole, start, complete, cancel),
    statBlob: new StatBlob(blobs, clock, grace),
    pullBlob: new PullBlob(blobs, store, wired.journal, NOTHING_KEPT),
    mountBlob: new MountBlob(blobs, names, comparedTree(clock), clock, QUIET_ANNOUNCER),
    deleteBlob: new DeleteBlob(blobs, names, clock, allowed, QUIET_ANNOUNCER),
    startUpload: start,
    appendChunk: new AppendChunk(leases, uploads, clock),
    completeUpload: complete,
    cancelUpload: cancel,
    purgeUploads: new PurgeUploads(sessions, settled, clock, logger, { age: 0, dryrun: false }),
    forgetUploads: settled,
  };
}

/** Nobody else has changed the tree. */
function comparedTree(clock: Wired['clock']): TreeComparison {
  const none = {
    async *repositories() {},
  };
  const unchanged = {
    mayHaveChanged: async () => false,
    blobFolders: async () => [],
    now: async () => clock.now(),
  };
  return new TreeComparison(none, unchanged, { execute: async () => undefined }, clock);
}

/** Hashes on the event loop, where the order of things is known. */
class LoopHashing implements Hashing {
  begin(algorithm: DigestAlgorithm) {
    const hash: Hash = createHash(algorithm);
    return {
      update: async (chunks: readonly Uint8Array[]) => {
        for (const chunk of chunks) hash.update(chunk);
      },
      holdsChunks: false,
      rest: () => undefined,
      digest: async () => Digest.fromHash(algorithm, hash),
      drop: () => undefined,
    };
  }

  async close(): Promise<void> {}
}
