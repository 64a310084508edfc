import type { BlobIndex } from '../application/ports/metadata/blob-index.js';
import type { ManifestIndex } from '../application/ports/metadata/manifest-index.js';
import type { ReferrerIndex } from '../application/ports/metadata/referrer-index.js';
import type { RepositoryCatalog } from '../application/ports/metadata/repository-catalog.js';
import type { NameJournal } from '../application/ports/metadata/name-journal.js';
import type { DatabaseIdentity } from '../application/ports/metadata/database-identity.js';
import type { TreeAdoption } from '../application/ports/metadata/tree-adoption.js';
import type { TagTakeover } from '../application/ports/metadata/tag-takeover.js';
import type { TagIndex } from '../application/ports/metadata/tag-index.js';
import type { StoredNames } from '../application/ports/metadata/stored-names.js';
import type { UploadSessions } from '../application/ports/metadata/upload-sessions.js';
import type { LinkStore } from '../application/ports/storage/link-store.js';
import type { BlobStore } from '../application/ports/storage/blob-store.js';
import type { StorageDriver } from '../application/ports/storage/storage-driver.js';
import type { TreeOwner } from '../application/ports/storage/tree-owner.js';
import type { StoredTree } from '../application/ports/storage/stored-tree.js';
import type { UploadStore } from '../application/ports/storage/upload-store.js';
import type { ConfigurationReader } from '../application/ports/system/configuration-reader.js';
import type { ChunkMemory } from '../application/ports/system/chunk-memory.js';
import type { Clock } from '../application/ports/system/clock.js';
import type { FolderLock } from '../application/ports/system/folder-lock.js';
import type { Hashing } from '../application/ports/system/hashing.js';
import type { Instances } from '../application/ports/system/instances.js';
import type { Random } from '../application/ports/system/random.js';
import type { BlobCommit } from '../application/services/blob-commit.js';
import type { ReadOnlyMode } from '../application/services/read-only-mode.js';
import type { RunningDigests } from '../application/services/running-digests.js';
import type { NamePublisher } from '../application/services/name-publisher.js';
import type { TreeOwnership } from '../application/services/tree-ownership.js';
import type { DatabaseNames } from '../application/services/database-names.js';
import type { IndexComparison } from '../application/services/index-comparison.js';
import type { NameComparison } from '../application/services/name-comparison.js';
import type { RepositoryAdoption } from '../application/services/repository-adoption.js';
import type { TreeRepair } from '../application/services/tree-repair.js';
import type { UploadLeases } from '../application/services/upload-leases.js';
import type { WholeBodies } from '../application/services/whole-bodies.js';
import type { DeleteBlob } from '../application/use-cases/blob/delete-blob.js';
import type { MountBlob } from '../application/use-cases/blob/mount-blob.js';
import type { PullBlob } from '../application/use-cases/blob/pull-blob.js';
import type { StatBlob } from '../application/use-cases/blob/stat-blob.js';
import type { AdoptTree } from '../application/use-cases/maintenance/adopt-tree.js';
import type { ForgetSettledUploads } from '../application/use-cases/maintenance/forget-settled-uploads.js';
import type { FollowTree } from '../application/use-cases/maintenance/follow-tree.js';
import type { RepairIndex } from '../application/use-cases/maintenance/repair-index.js';
import type { VerifyIndex } from '../application/use-cases/maintenance/verify-index.js';
import type { ReplayNames } from '../application/use-cases/maintenance/replay-names.js';
import type { DeleteManifest } from '../application/use-cases/manifest/delete-manifest.js';
import type { PullManifest } from '../application/use-cases/manifest/pull-manifest.js';
import type { PushManifest } from '../application/use-cases/manifest/push-manifest.js';
import type { StatManifest } from '../application/use-cases/manifest/stat-manifest.js';
import type { ListReferrers } from '../application/use-cases/referrer/list-referrers.js';
import type { ListRepositories } from '../application/use-cases/repository/list-repositories.js';
import type { DeleteTag } from '../application/use-cases/tag/delete-tag.js';
import type { ListTags } from '../application/use-cases/tag/list-tags.js';
import type { AppendChunk } from '../application/use-cases/upload/append-chunk.js';
import type { CancelUpload } from '../application/use-cases/upload/cancel-upload.js';
import type { CompleteUpload } from '../application/use-cases/upload/complete-upload.js';
import type { GetUploadStatus } from '../application/use-cases/upload/get-upload-status.js';
import type { PushBlob } from '../application/use-cases/upload/push-blob.js';
import type { StartUpload } from '../application/use-cases/upload/start-upload.js';
import type { Grace } from '../domain/lifecycle/grace.js';
import type { DeletionPolicy } from '../domain/lifecycle/deletion-policy.js';
import type { ContentHolders } from '../application/ports/metadata/content-holders.js';
import type { ExplainContent } from '../application/use-cases/maintenance/explain-content.js';
import type { GcCommand } from '../interfaces/cli/commands/gc.js';
import type { ContentRegister } from '../application/ports/metadata/content-register.js';
import type { TreeChanges } from '../application/ports/storage/tree-changes.js';
import type { TreeComparison } from '../application/services/tree-comparison.js';
import type { ReferenceTakeover } from '../application/ports/metadata/reference-takeover.js';
import type { Publisher } from '../application/services/database-repair.js';
import type { NameRepair } from '../application/services/name-repair.js';
import type { FindLostBlobs } from '../application/use-cases/maintenance/find-lost-blobs.js';
import type { TakeInRepository } from '../application/use-cases/maintenance/take-in-repository.js';
import type { Config } from '../infrastructure/config/config.js';
import type { ExpectedOwner } from '../infrastructure/metadata/sqlite/assert-owner.js';
import type { Checkpointer } from '../infrastructure/metadata/sqlite/checkpointer.js';
import type { LoopCheckpointer } from '../infrastructure/metadata/sqlite/loop-checkpointer.js';
import type { ManifestContents } from '../infrastructure/metadata/sqlite/manifest-contents.js';
import type { OnFatal, SqliteDatabase } from '../infrastructure/metadata/sqlite/sqlite-database.js';
import type { SqliteDurabilityBarrier } from '../infrastructure/metadata/sqlite/sqlite-durability-barrier.js';
import type { SqliteInstances } from '../infrastructure/metadata/sqlite/sqlite-instances.js';
import type { VolatileBarrier } from '../infrastructure/metadata/sqlite/volatile-barrier.js';
import type { KeptBlobs } from '../infrastructure/storage/kept-blobs.js';
import type { FileSystemType } from '../infrastructure/system/file-system-type.js';
import type { Program } from '../interfaces/cli/cli.js';
import type { CompletionCommand } from '../interfaces/cli/commands/completion.js';
import type { ConfigCommand } from '../interfaces/cli/commands/config.js';
import type { IndexCommand } from '../interfaces/cli/commands/index-group.js';
import type { IndexRequest, OpenIndex } from '../interfaces/cli/commands/open-index.js';
import type { OpenExplanationOf } from '../interfaces/cli/commands/open-explanation.js';
import type { RebuildIndex } from '../interfaces/cli/commands/index-rebuild.js';
import type { StartRegistry, ServeCommand } from '../interfaces/cli/commands/serve.js';
import type { VersionCommand } from '../interfaces/cli/commands/version.js';
import type { Terminal } from '../interfaces/cli/output/terminal.js';
import type { BaseController } from '../interfaces/http/controllers/base-controller.js';
import type { BlobController } from '../interfaces/http/controllers/blob-controller.js';
import type { ListController } from '../interfaces/http/controllers/list-controller.js';
import type { ManifestController } from '../interfaces/http/controllers/manifest-controller.js';
import type { UploadController } from '../interfaces/http/controllers/upload-controller.js';
import type { Dispatcher } from '../interfaces/http/dispatcher.js';
import type { BodySender } from '../interfaces/http/presenters/body-sender.js';
import type { RequestRecorder } from '../interfaces/http/request-recorder.js';
import type { registryRoutes } from '../interfaces/http/routes/registry-routes.js';
import type { HttpServer } from '../interfaces/http/server.js';
import type { Job, ScheduledJobs } from '../interfaces/jobs/scheduled-jobs.js';
import type { Leadership } from './leadership.js';
import type { TreeAccess } from './tree-access.js';
import { COLLECTION_TOKENS } from './collection-tokens.js';
import { COPY_TOKENS } from './copy-tokens.js';
import { NOTIFICATION_TOKENS } from './notification-tokens.js';
import { SECURITY_TOKENS } from './security-tokens.js';
import { TLS_TOKENS } from './tls-tokens.js';
import { OBSERVABILITY_TOKENS } from './observability-tokens.js';
import { RELOAD_TOKENS } from './reload-tokens.js';
import { token } from './token.js';

/** Everything the container can make, grouped as the layers are. */
export const TOKENS = {
  ...COLLECTION_TOKENS,
  ...COPY_TOKENS,
  ...NOTIFICATION_TOKENS,
  ...SECURITY_TOKENS,
  ...TLS_TOKENS,
  ...OBSERVABILITY_TOKENS,
  ...RELOAD_TOKENS,

  version: token<string>('Version'),
  terminal: token<Terminal>('Terminal'),
  configurationReader: token<ConfigurationReader>('ConfigurationReader'),
  startRegistry: token<StartRegistry>('StartRegistry'),
  serveCommand: token<ServeCommand>('ServeCommand'),
  configCommand: token<ConfigCommand>('ConfigCommand'),
  rebuildIndex: token<RebuildIndex>('RebuildIndex'),
  openIndex: token<(request: IndexRequest) => Promise<OpenIndex>>('OpenIndex'),
  gcCommand: token<GcCommand>('GcCommand'),
  indexCommand: token<IndexCommand>('IndexCommand'),
  openExplanation: token<OpenExplanationOf>('OpenExplanation'),
  versionCommand: token<VersionCommand>('VersionCommand'),
  completionCommand: token<CompletionCommand>('CompletionCommand'),
  program: token<Program>('Program'),

  config: token<Config>('Config'),

  clock: token<Clock>('Clock'),
  random: token<Random>('Random'),
  chunkMemory: token<ChunkMemory>('ChunkMemory'),
  hashing: token<Hashing>('Hashing'),
  onFatal: token<OnFatal>('OnFatal'),

  treeAccess: token<TreeAccess>('TreeAccess'),
  folderLock: token<FolderLock>('FolderLock'),
  sqliteInstances: token<SqliteInstances>('SqliteInstances'),
  instances: token<Instances>('Instances'),
  treeOwner: token<TreeOwner>('TreeOwner'),
  /** Bound to undefined, a database is opened whatever the tree says of its owner. */
  expectedOwner: token<ExpectedOwner | undefined>('ExpectedOwner'),
  databaseDisk: token<FileSystemType>('DatabaseDisk'),
  databaseIdentity: token<DatabaseIdentity>('DatabaseIdentity'),
  treeOwnership: token<TreeOwnership>('TreeOwnership'),

  storageDriver: token<StorageDriver>('StorageDriver'),
  recentBlobs: token<KeptBlobs>('RecentBlobs'),
  blobStore: token<BlobStore>('BlobStore'),
  linkStore: token<LinkStore>('LinkStore'),
  storedTree: token<StoredTree>('StoredTree'),
  uploadStore: token<UploadStore>('UploadStore'),

  database: token<SqliteDatabase>('SqliteDatabase'),
  checkpointer: token<Checkpointer | LoopCheckpointer | undefined>('Checkpointer'),
  manifestContents: token<ManifestContents>('ManifestContents'),
  blobIndex: token<BlobIndex>('BlobIndex'),
  manifestIndex: token<ManifestIndex>('ManifestIndex'),
  tagIndex: token<TagIndex>('TagIndex'),
  nameJournal: token<NameJournal>('NameJournal'),
  repositoryCatalog: token<RepositoryCatalog>('RepositoryCatalog'),
  referrerIndex: token<ReferrerIndex>('ReferrerIndex'),
  uploadSessions: token<UploadSessions>('UploadSessions'),
  durabilityBarrier: token<SqliteDurabilityBarrier | VolatileBarrier>('DurabilityBarrier'),

  readOnlyMode: token<ReadOnlyMode>('ReadOnlyMode'),
  tagTakeover: token<TagTakeover>('TagTakeover'),
  storedNames: token<StoredNames>('StoredNames'),
  contentHolders: token<ContentHolders>('ContentHolders'),
  explainContent: token<ExplainContent>('ExplainContent'),
  nameComparison: token<NameComparison>('NameComparison'),
  databaseNames: token<DatabaseNames>('DatabaseNames'),
  indexComparison: token<IndexComparison>('IndexComparison'),
  treeRepair: token<TreeRepair>('TreeRepair'),
  referenceTakeover: token<ReferenceTakeover>('ReferenceTakeover'),
  makeDatabaseRepair:
    token<(publisher: Publisher, which: { alsoHeld: boolean }) => NameRepair>('MakeDatabaseRepair'),
  treeChanges: token<TreeChanges>('TreeChanges'),
  contentRegister: token<ContentRegister>('ContentRegister'),
  findLostBlobs: token<FindLostBlobs>('FindLostBlobs'),
  takeInRepository: token<TakeInRepository>('TakeInRepository'),
  treeComparison: token<TreeComparison>('TreeComparison'),
  treeAdoption: token<TreeAdoption>('TreeAdoption'),
  repositoryAdoption: token<RepositoryAdoption>('RepositoryAdoption'),
  followTree: token<FollowTree>('FollowTree'),
  verifyIndex: token<VerifyIndex>('VerifyIndex'),
  repairIndex: token<RepairIndex>('RepairIndex'),
  grace: token<Grace>('Grace'),
  deletionPolicy: token<DeletionPolicy>('DeletionPolicy'),
  runningDigests: token<RunningDigests>('RunningDigests'),
  uploadLeases: token<UploadLeases>('UploadLeases'),
  namePublisher: token<NamePublisher>('NamePublisher'),
  blobCommit: token<BlobCommit>('BlobCommit'),
  wholeBodies: token<WholeBodies>('WholeBodies'),

  statBlob: token<StatBlob>('StatBlob'),
  pullBlob: token<PullBlob>('PullBlob'),
  mountBlob: token<MountBlob>('MountBlob'),
  deleteBlob: token<DeleteBlob>('DeleteBlob'),
  startUpload: token<StartUpload>('StartUpload'),
  appendChunk: token<AppendChunk>('AppendChunk'),
  completeUpload: token<CompleteUpload>('CompleteUpload'),
  getUploadStatus: token<GetUploadStatus>('GetUploadStatus'),
  cancelUpload: token<CancelUpload>('CancelUpload'),
  pushBlob: token<PushBlob>('PushBlob'),
  statManifest: token<StatManifest>('StatManifest'),
  pullManifest: token<PullManifest>('PullManifest'),
  pushManifest: token<PushManifest>('PushManifest'),
  deleteManifest: token<DeleteManifest>('DeleteManifest'),
  deleteTag: token<DeleteTag>('DeleteTag'),
  listTags: token<ListTags>('ListTags'),
  listRepositories: token<ListRepositories>('ListRepositories'),
  listReferrers: token<ListReferrers>('ListReferrers'),
  replayNames: token<ReplayNames>('ReplayNames'),
  adoptTree: token<AdoptTree>('AdoptTree'),
  forgetSettledUploads: token<ForgetSettledUploads>('ForgetSettledUploads'),

  bodySender: token<BodySender>('BodySender'),
  baseController: token<BaseController>('BaseController'),
  blobController: token<BlobController>('BlobController'),
  uploadController: token<UploadController>('UploadController'),
  manifestController: token<ManifestController>('ManifestController'),
  listController: token<ListController>('ListController'),
  routes: token<ReturnType<typeof registryRoutes>>('Routes'),
  requestRecorder: token<RequestRecorder>('RequestRecorder'),
  dispatcher: token<Dispatcher>('Dispatcher'),
  httpServer: token<HttpServer>('HttpServer'),
  debugServer: token<HttpServer>('DebugServer'),
  tidyingJobs: token<readonly Job[]>('TidyingJobs'),
  /** What one process does for all that answer on the same address. */
  leaderJobs: token<readonly Job[]>('LeaderJobs'),
  linkJobs: token<readonly Job[]>('LinkJobs'),
  leadership: token<Leadership>('Leadership'),
  jobs: token<ScheduledJobs>('ScheduledJobs'),
} as const;
