import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileThread } from '../../src/infrastructure/storage/drivers/filesystem/file-thread.js';
import { FilesystemDriver } from '../../src/infrastructure/storage/drivers/filesystem/filesystem-driver.js';
import { HashThread } from '../../src/infrastructure/storage/drivers/filesystem/hash-thread.js';
import { NodeFileSystem } from '../../src/infrastructure/storage/drivers/filesystem/node-file-system.js';
import { AtMost } from '../../src/application/services/at-most.js';
import { MemoryDriver } from '../../src/infrastructure/storage/drivers/memory/memory-driver.js';
import { PieceMemory } from '../../src/infrastructure/storage/drivers/s3/staged/piece-memory.js';
import { S3Driver } from '../../src/infrastructure/storage/drivers/s3/s3-driver.js';
import { ThreadedHashing } from '../../src/infrastructure/hashing/threaded-hashing.js';
import { MemoryObjectStore } from '../support/memory-object-store.js';
import type { DriverUnderTest, StorageTraits } from './storage-driver.contract.js';

export async function filesystemUnderTest(): Promise<DriverUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'stowage-storage-'));
  const driver = new FilesystemDriver(
    join(folder, 'root'),
    new NodeFileSystem(new AtMost(2), new FileThread()),
    new HashThread(),
  );
  return {
    driver,
    dispose: async () => {
      await driver.close();
      await rm(folder, { recursive: true });
    },
  };
}

export async function memoryUnderTest(): Promise<DriverUnderTest> {
  const driver = new MemoryDriver();
  return { driver, dispose: () => driver.close() };
}

/** Of whatever speaks S3. */
export const OBJECT_STORE: StorageTraits = { folders: 'implied', move: 'copy', tick: 1100 };

/** For `describe.each`: what has to be alike where folders are real and where they are not. */
export const STORAGES: readonly (readonly [string, () => Promise<DriverUnderTest>])[] = [
  ['in folders', memoryUnderTest],
  ['in a bucket', modelOfS3UnderTest],
];

/** The driver of S3 over a model of a store. */
export async function modelOfS3UnderTest(): Promise<DriverUnderTest> {
  const hashing = new ThreadedHashing();
  const store = new MemoryObjectStore({ pageSize: 7 });
  const driver = new S3Driver(store, hashing, new PieceMemory(), { rootDirectory: '/registry/' });
  return {
    driver,
    traits: OBJECT_STORE,
    dispose: async () => {
      await driver.close();
      await hashing.close();
    },
  };
}
