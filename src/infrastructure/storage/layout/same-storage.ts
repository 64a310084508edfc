import type { StorageDriver } from '../../../application/ports/storage/storage-driver.js';
import { copiesPath } from './paths.js';

const NOTHING = new Uint8Array(0);

/**
 * Whether what is written to one is there in the other: then both are the same, whatever their configurations call them.
 * @param token that nobody has used before; a path is made of it in `written`, and removed again
 */
export async function isSameStorage(
  written: StorageDriver,
  other: StorageDriver,
  token: string,
): Promise<boolean> {
  const path = `${copiesPath}/same-${token}`;
  await written.putContent(path, NOTHING);
  try {
    return (await other.stat(path)) !== undefined;
  } finally {
    await written.removeWithFolder(path);
  }
}
