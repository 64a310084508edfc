import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileThread } from '../../src/infrastructure/storage/drivers/filesystem/file-thread.js';
import { FilesystemDriver } from '../../src/infrastructure/storage/drivers/filesystem/filesystem-driver.js';
import { HashThread } from '../../src/infrastructure/storage/drivers/filesystem/hash-thread.js';
import { NodeFileSystem } from '../../src/infrastructure/storage/drivers/filesystem/node-file-system.js';
import { ThreadLimit } from '../../src/infrastructure/storage/drivers/filesystem/thread-limit.js';
import { MemoryDriver } from '../../src/infrastructure/storage/drivers/memory/memory-driver.js';
import type { DriverUnderTest } from './storage-driver.contract.js';

export async function filesystemUnderTest(): Promise<DriverUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'stowage-storage-'));
  const driver = new FilesystemDriver(
    join(folder, 'root'),
    new NodeFileSystem(new ThreadLimit(2), new FileThread()),
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
