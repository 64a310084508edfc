import { expect } from 'vitest';
import type { StorageReader } from '../../src/application/ports/storage/storage-driver.js';

/** Reads a file to its end and closes it; undefined when there is none. */
export async function readWhole(reader: StorageReader | undefined): Promise<string | undefined> {
  if (reader === undefined) return undefined;
  const buffer = Buffer.alloc(reader.size);
  expect(await reader.read(buffer, 0)).toBe(reader.size);
  await reader.close();
  return buffer.toString();
}
