import { ContainerModule } from 'inversify';
import { Checkpointer } from '../../infrastructure/metadata/sqlite/checkpointer.js';
import { LoopCheckpointer } from '../../infrastructure/metadata/sqlite/loop-checkpointer.js';
import { ManifestContents } from '../../infrastructure/metadata/sqlite/manifest-contents.js';
import { SqliteBlobIndex } from '../../infrastructure/metadata/sqlite/sqlite-blob-index.js';
import { SqliteDatabase } from '../../infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteDurabilityBarrier } from '../../infrastructure/metadata/sqlite/sqlite-durability-barrier.js';
import { SqliteManifestIndex } from '../../infrastructure/metadata/sqlite/sqlite-manifest-index.js';
import { SqliteNameJournal } from '../../infrastructure/metadata/sqlite/sqlite-name-journal.js';
import { SqliteReferrerIndex } from '../../infrastructure/metadata/sqlite/sqlite-referrer-index.js';
import { SqliteRepositoryCatalog } from '../../infrastructure/metadata/sqlite/sqlite-repository-catalog.js';
import { SqliteTagIndex } from '../../infrastructure/metadata/sqlite/sqlite-tag-index.js';
import { SqliteUploadSessions } from '../../infrastructure/metadata/sqlite/sqlite-upload-sessions.js';
import { VolatileBarrier } from '../../infrastructure/metadata/sqlite/volatile-barrier.js';
import { databasePath } from '../database-path.js';
import { TOKENS as T } from '../tokens.js';
import type { Bind } from './bind.js';

export const metadataModule = new ContainerModule(({ bind }) => {
  bindDatabase(bind);
  bind(T.manifestContents).toResolvedValue((database) => new ManifestContents(database), [T.database]);
  bind(T.blobIndex).toResolvedValue(
    (database, grace) => new SqliteBlobIndex(database, grace),
    [T.database, T.grace],
  );
  bind(T.manifestIndex).toResolvedValue(
    (database, contents, grace) => new SqliteManifestIndex(database, contents, grace),
    [T.database, T.manifestContents, T.grace],
  );
  bind(T.nameJournal).toResolvedValue(
    (database, contents, instances) =>
      new SqliteNameJournal(database, contents, (id) => instances.isAlive(id)),
    [T.database, T.manifestContents, T.instances],
  );
  bind(T.tagIndex).toResolvedValue(
    (database, grace) => new SqliteTagIndex(database, grace),
    [T.database, T.grace],
  );
  bind(T.repositoryCatalog).toResolvedValue(
    (database) => new SqliteRepositoryCatalog(database),
    [T.database],
  );
  bind(T.referrerIndex).toResolvedValue(
    (database, contents) => new SqliteReferrerIndex(database, contents),
    [T.database, T.manifestContents],
  );
  bind(T.uploadSessions).toResolvedValue(
    (database, clock) => new SqliteUploadSessions(database, clock),
    [T.database, T.clock],
  );
});

/** The database, and what keeps it durable: a database in memory has neither barrier nor checkpoints. */
function bindDatabase(bind: Bind): void {
  bind(T.database).toResolvedValue(
    (config, onFatal, instances, owner, disk) =>
      SqliteDatabase.open(databasePath(config), onFatal, instances.own, {
        owner,
        alone: disk.kind === 'network',
      }),
    [T.config, T.onFatal, T.instances, T.expectedOwner, T.databaseDisk],
  );
  bind(T.durabilityBarrier).toResolvedValue(
    async ({ walPath }, onFatal) =>
      walPath === undefined ? new VolatileBarrier() : SqliteDurabilityBarrier.open(walPath, onFatal),
    [T.database, T.onFatal],
  );
  bind(T.checkpointer).toResolvedValue(
    (database, disk, clock, logger, onFatal) => {
      if (database.path === undefined) return undefined;
      return disk.kind === 'network'
        ? new LoopCheckpointer(database, clock, logger, onFatal)
        : new Checkpointer(database.path, logger, onFatal);
    },
    [T.database, T.databaseDisk, T.clock, T.logger, T.onFatal],
  );
}
