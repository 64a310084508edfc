import type { StorageStat } from '../../../../application/ports/storage/storage-driver.js';
import type { FileStat } from './file-system.js';

/** What the port says of a file, or of a folder. */
export function toStorageStat(stat: FileStat): StorageStat {
  const { size, changedAt, identity } = stat;
  return { kind: kindOf(stat), size, changedAt, ...(identity !== undefined && { identity }) };
}

function kindOf({ isFile, isFolder }: FileStat): StorageStat['kind'] {
  if (isFile) return 'file';
  return isFolder ? 'folder' : 'other';
}
