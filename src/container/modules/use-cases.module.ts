import { ContainerModule } from 'inversify';
import { BlobCommit } from '../../application/services/blob-commit.js';
import { NamePublisher } from '../../application/services/name-publisher.js';
import { ReadOnlyMode } from '../../application/services/read-only-mode.js';
import { RunningDigests } from '../../application/services/running-digests.js';
import { UploadLeases } from '../../application/services/upload-leases.js';
import { WholeBodies } from '../../application/services/whole-bodies.js';
import { DeleteBlob } from '../../application/use-cases/blob/delete-blob.js';
import { MountBlob } from '../../application/use-cases/blob/mount-blob.js';
import { PullBlob } from '../../application/use-cases/blob/pull-blob.js';
import { StatBlob } from '../../application/use-cases/blob/stat-blob.js';
import { ForgetSettledUploads } from '../../application/use-cases/maintenance/forget-settled-uploads.js';
import { PurgeUploads } from '../../application/use-cases/maintenance/purge-uploads.js';
import { ReplayNames } from '../../application/use-cases/maintenance/replay-names.js';
import { DeleteManifest } from '../../application/use-cases/manifest/delete-manifest.js';
import { PullManifest } from '../../application/use-cases/manifest/pull-manifest.js';
import { PushManifest } from '../../application/use-cases/manifest/push-manifest.js';
import { StatManifest } from '../../application/use-cases/manifest/stat-manifest.js';
import { ListReferrers } from '../../application/use-cases/referrer/list-referrers.js';
import { ListRepositories } from '../../application/use-cases/repository/list-repositories.js';
import { DeleteTag } from '../../application/use-cases/tag/delete-tag.js';
import { ListTags } from '../../application/use-cases/tag/list-tags.js';
import { AppendChunk } from '../../application/use-cases/upload/append-chunk.js';
import { CancelUpload } from '../../application/use-cases/upload/cancel-upload.js';
import { CompleteUpload } from '../../application/use-cases/upload/complete-upload.js';
import { GetUploadStatus } from '../../application/use-cases/upload/get-upload-status.js';
import { PushBlob } from '../../application/use-cases/upload/push-blob.js';
import { StartUpload } from '../../application/use-cases/upload/start-upload.js';
import { DeletionPolicy } from '../../domain/lifecycle/deletion-policy.js';
import { Grace } from '../../domain/lifecycle/grace.js';
import { bodyLimits } from '../body-limits.js';
import { readOnlyReason } from '../read-only-reason.js';
import { TOKENS as T } from '../tokens.js';
import type { Bind } from './bind.js';

const READ_ONLY_FOLDER = 'the registry is read-only: its folder can not be written';

export const useCasesModule = new ContainerModule(({ bind }) => {
  bindServices(bind);
  bindBlobUseCases(bind);
  bindUploadUseCases(bind);
  bindManifestUseCases(bind);
  bindLists(bind);
  bindMaintenance(bind);
});

function bindServices(bind: Bind): void {
  bind(T.grace).toResolvedValue((config) => new Grace(config.gc.grace), [T.config]);
  bind(T.deletionPolicy).toResolvedValue(
    (inForce) =>
      new DeletionPolicy({
        get enabled() {
          return inForce.current.storage.delete.enabled;
        },
      }),
    [T.configInForce],
  );
  bind(T.readOnlyMode).toResolvedValue(
    (config, { readOnly }) => {
      const mode = new ReadOnlyMode();
      if (readOnly !== undefined) mode.enter(READ_ONLY_FOLDER);
      mode.configure(readOnlyReason(config));
      return mode;
    },
    [T.config, T.treeAccess],
  );
  bind(T.runningDigests).toResolvedValue((hashing) => new RunningDigests(hashing), [T.hashing]);
  bind(T.uploadLeases).toResolvedValue(
    (sessions, uploads, digests, clock, random, memory) =>
      new UploadLeases(sessions, uploads, digests, clock, random, memory),
    [T.uploadSessions, T.uploadStore, T.runningDigests, T.clock, T.random, T.chunkMemory],
  );
  bind(T.wholeBodies).toResolvedValue(
    (hashing, config) => new WholeBodies(hashing, bodyLimits(config.storage.driver)),
    [T.hashing, T.config],
  );
  bind(T.namePublisher).toResolvedValue(
    (journal, links, barrier, tree, clock, logger) =>
      new NamePublisher(journal, links, barrier, tree, clock, logger),
    [T.nameJournal, T.linkStore, T.durabilityBarrier, T.treeOwnership, T.clock, T.logger],
  );
}

function bindBlobUseCases(bind: Bind): void {
  bind(T.blobCommit).toResolvedValue(
    (index, store, names, removal, clock, announcer, driver) =>
      new BlobCommit(index, store, names, removal, clock, announcer, driver.name === 'filesystem'),
    [T.blobIndex, T.blobStore, T.namePublisher, T.contentRemoval, T.clock, T.eventAnnouncer, T.storageDriver],
  );
  bind(T.statBlob).toResolvedValue(
    (index, clock, grace) => new StatBlob(index, clock, grace),
    [T.blobIndex, T.clock, T.grace],
  );
  bind(T.pullBlob).toResolvedValue(
    (index, store, journal, recent) => new PullBlob(index, store, journal, recent),
    [T.blobIndex, T.blobStore, T.nameJournal, T.recentBlobs],
  );
  bind(T.mountBlob).toResolvedValue(
    (index, names, comparison, clock, announcer) => new MountBlob(index, names, comparison, clock, announcer),
    [T.blobIndex, T.namePublisher, T.treeComparison, T.clock, T.eventAnnouncer],
  );
  bind(T.deleteBlob).toResolvedValue(
    (index, names, clock, policy, announcer) => new DeleteBlob(index, names, clock, policy, announcer),
    [T.blobIndex, T.namePublisher, T.clock, T.deletionPolicy, T.eventAnnouncer],
  );
}

function bindUploadUseCases(bind: Bind): void {
  bind(T.startUpload).toResolvedValue(
    (sessions, clock, random) => new StartUpload(sessions, clock, random),
    [T.uploadSessions, T.clock, T.random],
  );
  bind(T.appendChunk).toResolvedValue(
    (leases, uploads, clock) => new AppendChunk(leases, uploads, clock),
    [T.uploadLeases, T.uploadStore, T.clock],
  );
  bind(T.getUploadStatus).toResolvedValue(
    (sessions, uploads, leases) => new GetUploadStatus(sessions, uploads, leases),
    [T.uploadSessions, T.uploadStore, T.uploadLeases],
  );
  bind(T.cancelUpload).toResolvedValue(
    (sessions, uploads, clock) => new CancelUpload(sessions, uploads, clock),
    [T.uploadSessions, T.uploadStore, T.clock],
  );
  bind(T.completeUpload).toResolvedValue(
    (sessions, uploads, blobs, leases, commit, bodies, cancel) =>
      new CompleteUpload(sessions, uploads, blobs, leases, commit, bodies, cancel),
    [
      T.uploadSessions,
      T.uploadStore,
      T.blobStore,
      T.uploadLeases,
      T.blobCommit,
      T.wholeBodies,
      T.cancelUpload,
    ],
  );
  bind(T.pushBlob).toResolvedValue(
    (commit, bodies, start, complete, cancel) => new PushBlob(commit, bodies, start, complete, cancel),
    [T.blobCommit, T.wholeBodies, T.startUpload, T.completeUpload, T.cancelUpload],
  );
}

function bindManifestUseCases(bind: Bind): void {
  bind(T.statManifest).toResolvedValue((index) => new StatManifest(index), [T.manifestIndex]);
  bind(T.pullManifest).toResolvedValue((index) => new PullManifest(index), [T.manifestIndex]);
  bind(T.pushManifest).toResolvedValue(
    (index, names, removal, clock, announcer, inForce) =>
      new PushManifest(index, names, removal, clock, announcer, {
        get sparse() {
          return inForce.current.validation.sparse;
        },
      }),
    [T.manifestIndex, T.namePublisher, T.contentRemoval, T.clock, T.eventAnnouncer, T.configInForce],
  );
  bind(T.deleteManifest).toResolvedValue(
    (index, names, clock, policy, announcer) => new DeleteManifest(index, names, clock, policy, announcer),
    [T.manifestIndex, T.namePublisher, T.clock, T.deletionPolicy, T.eventAnnouncer],
  );
  bind(T.deleteTag).toResolvedValue(
    (tags, names, clock, policy, announcer) => new DeleteTag(tags, names, clock, policy, announcer),
    [T.tagIndex, T.namePublisher, T.clock, T.deletionPolicy, T.eventAnnouncer],
  );
}

function bindMaintenance(bind: Bind): void {
  bind(T.forgetSettledUploads).toResolvedValue(
    (sessions, uploads, clock, logger) => new ForgetSettledUploads(sessions, uploads, clock, logger),
    [T.uploadSessions, T.uploadStore, T.clock, T.logger],
  );
  bind(T.purgeUploads).toResolvedValue(
    (sessions, settled, clock, logger, inForce) =>
      new PurgeUploads(sessions, settled, clock, logger, {
        get age() {
          return inForce.current.storage.maintenance.uploadpurging.age;
        },
        get dryrun() {
          return inForce.current.storage.maintenance.uploadpurging.dryrun;
        },
      }),
    [T.uploadSessions, T.forgetSettledUploads, T.clock, T.logger, T.configInForce],
  );
  bind(T.replayNames).toResolvedValue(
    (journal, links, names, instances) => new ReplayNames(journal, links, names, instances),
    [T.nameJournal, T.linkStore, T.namePublisher, T.instances],
  );
}

function bindLists(bind: Bind): void {
  bind(T.listTags).toResolvedValue((tags) => new ListTags(tags), [T.tagIndex]);
  bind(T.listRepositories).toResolvedValue((catalog) => new ListRepositories(catalog), [T.repositoryCatalog]);
  bind(T.listReferrers).toResolvedValue((referrers) => new ListReferrers(referrers), [T.referrerIndex]);
}
