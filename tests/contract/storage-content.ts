import { expect } from 'vitest';
import type { StorageDriver, StorageReader } from '../../src/application/ports/storage/storage-driver.js';

/** Reads a file to its end and closes it; undefined when there is none. */
export async function readWhole(reader: StorageReader | undefined): Promise<string | undefined> {
  if (reader === undefined) return undefined;
  const buffer = Buffer.alloc(reader.size);
  expect(await reader.read(buffer, 0)).toBe(reader.size);
  await reader.close();
  return buffer.toString();
}

/** Bytes of the file at the path; undefined when there is none. */
export async function sizeOf(driver: StorageDriver, path: string): Promise<number | undefined> {
  const stat = await driver.stat(path);
  return stat?.kind === 'file' ? stat.size : undefined;
}

/** Names in a folder. */
export async function namesIn(driver: StorageDriver, path: string): Promise<readonly string[]> {
  const entries = await driver.list(path);
  return entries.map(({ name }) => name);
}
