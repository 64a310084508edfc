import { join } from 'node:path';
import { ContainerModule } from 'inversify';
import type { Config } from '../../infrastructure/config/config.js';
import { Checkpointer } from '../../infrastructure/metadata/sqlite/checkpointer.js';
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
import { TOKENS as T } from '../tokens.js';
import type { Bind } from './bind.js';

export const metadataModule = new ContainerModule(({ bind }) => {
  bindDatabase(bind);
  bind(T.manifestContents).toResolvedValue((database) => new ManifestContents(database), [T.database]);
  bind(T.blobIndex).toResolvedValue((database) => new SqliteBlobIndex(database), [T.database]);
  bind(T.manifestIndex).toResolvedValue(
    (database, contents) => new SqliteManifestIndex(database, contents),
    [T.database, T.manifestContents],
  );
  bind(T.nameJournal).toResolvedValue(
    (database, contents) => new SqliteNameJournal(database, contents, () => false),
    [T.database, T.manifestContents],
  );
  bind(T.tagIndex).toResolvedValue((database) => new SqliteTagIndex(database), [T.database]);
  bind(T.repositoryCatalog).toResolvedValue(
    (database) => new SqliteRepositoryCatalog(database),
    [T.database],
  );
  bind(T.referrerIndex).toResolvedValue(
    (database, contents) => new SqliteReferrerIndex(database, contents),
    [T.database, T.manifestContents],
  );
  bind(T.uploadSessions).toResolvedValue((database) => new SqliteUploadSessions(database), [T.database]);
});

/** The database, and what keeps it durable: a database in memory has neither barrier nor checkpoints. */
function bindDatabase(bind: Bind): void {
  bind(T.database).toResolvedValue(
    (config, onFatal) => SqliteDatabase.open(databasePath(config), onFatal),
    [T.config, T.onFatal],
  );
  bind(T.durabilityBarrier).toResolvedValue(
    async ({ walPath }, onFatal) =>
      walPath === undefined ? new VolatileBarrier() : SqliteDurabilityBarrier.open(walPath, onFatal),
    [T.database, T.onFatal],
  );
  bind(T.checkpointer).toResolvedValue(
    ({ path }, logger, onFatal) => (path === undefined ? undefined : new Checkpointer(path, logger, onFatal)),
    [T.database, T.logger, T.onFatal],
  );
}

/** Beside the reference registry's tree, in a folder that it never reads. */
function databasePath({ metadata, storage }: Config): string | undefined {
  if (metadata.sqlite.path !== undefined) return metadata.sqlite.path;
  const { driver } = storage;
  return driver.kind === 'filesystem' ? join(driver.rootdirectory, 'stowage', 'metadata.db') : undefined;
}
