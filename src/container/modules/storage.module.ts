import { ContainerModule } from 'inversify';
import type { StorageDriver } from '../../application/ports/storage/storage-driver.js';
import type { Hashing } from '../../application/ports/system/hashing.js';
import type { Logger } from '../../application/ports/system/logger.js';
import type { Config } from '../../infrastructure/config/config.js';
import { MeteredStorageDriver } from '../../infrastructure/observability/metered-storage-driver.js';
import { FileThread } from '../../infrastructure/storage/drivers/filesystem/file-thread.js';
import { FilesystemDriver } from '../../infrastructure/storage/drivers/filesystem/filesystem-driver.js';
import { HashThread } from '../../infrastructure/storage/drivers/filesystem/hash-thread.js';
import { NodeFileSystem } from '../../infrastructure/storage/drivers/filesystem/node-file-system.js';
import { AtMost } from '../../application/services/at-most.js';
import { MemoryDriver } from '../../infrastructure/storage/drivers/memory/memory-driver.js';
import { KeptBlobs } from '../../infrastructure/storage/kept-blobs.js';
import { LayoutBlobRemoval } from '../../infrastructure/storage/layout/layout-blob-removal.js';
import { LayoutBlobStore } from '../../infrastructure/storage/layout/layout-blob-store.js';
import { LayoutLinkStore } from '../../infrastructure/storage/layout/layout-link-store.js';
import { LayoutStoredTree } from '../../infrastructure/storage/layout/layout-stored-tree.js';
import { LayoutUploadStore } from '../../infrastructure/storage/layout/layout-upload-store.js';
import { makeS3Driver } from '../make-s3-driver.js';
import { TOKENS as T } from '../tokens.js';

export const storageModule = new ContainerModule(({ bind }) => {
  bind(T.storageDriver).toResolvedValue(
    (config, metrics, hashing, logger) =>
      new MeteredStorageDriver(makeDriver(config.storage.driver, hashing, logger), metrics),
    [T.config, T.storageMetrics, T.hashing, T.logger],
  );
  bind(T.blobStore).toResolvedValue((driver) => new LayoutBlobStore(driver), [T.storageDriver]);
  bind(T.recentBlobs).toResolvedValue(() => new KeptBlobs(), []);
  bind(T.blobRemoval).toResolvedValue((driver) => new LayoutBlobRemoval(driver), [T.storageDriver]);
  bind(T.linkStore).toResolvedValue((driver) => new LayoutLinkStore(driver), [T.storageDriver]);
  bind(T.storedTree).toResolvedValue((driver) => new LayoutStoredTree(driver), [T.storageDriver]);
  bind(T.uploadStore).toResolvedValue((driver) => new LayoutUploadStore(driver), [T.storageDriver]);
});

/** Threads of libuv's pool that bulk reads and writes leave to the barrier, to syncs and to name resolution. */
const RESERVED_THREADS = 4;
const DEFAULT_POOL = 4;

function bulkThreads(): number {
  const pool = Number(process.env['UV_THREADPOOL_SIZE'] ?? DEFAULT_POOL);
  return Math.max(1, pool - RESERVED_THREADS);
}

/**
 * A new driver is a case here, a folder beside the others, and a value in the configuration's schema.
 * @param hashing stays its owner's
 */
export function makeDriver(
  driver: Config['storage']['driver'],
  hashing: Hashing,
  logger?: Logger,
): StorageDriver {
  switch (driver.kind) {
    case 'filesystem': {
      const thread = new FileThread();
      thread.begin();
      return new FilesystemDriver(
        driver.rootdirectory,
        new NodeFileSystem(new AtMost(bulkThreads()), thread),
        new HashThread(),
      );
    }
    case 's3':
      return makeS3Driver(driver, hashing, logger);
    case 'inmemory':
      return new MemoryDriver();
  }
}
