import { StorageFault } from '../../../application/ports/storage/storage-fault.js';
import type { TreeDamage } from '../../../application/ports/storage/stored-tree.js';

export const NO_FOLDER = 'is a file where a folder should be';
export const LEADS_NOWHERE = 'is a link that leads nowhere';

const ADDRESSABLE = /^[A-Za-z0-9._-]+$/;

/** Whether a storage driver takes the name as a segment of a path. */
export function isAddressable(name: string): boolean {
  return ADDRESSABLE.test(name);
}

export function damageOf(path: string, repository: string | undefined, reason: string): TreeDamage {
  return { path, repository, reason };
}

/**
 * A fault that concerns this path only, as damage.
 * @throws the error itself when it says nothing of this path
 */
export function asDamage(error: unknown, path: string, repository: string | undefined): TreeDamage {
  if (!(error instanceof StorageFault)) throw error;
  if (error.kind === 'denied') return damageOf(path, repository, 'may not be read by this user');
  if (error.kind !== 'broken') throw error;
  return damageOf(path, repository, reasonOf(/: (E[A-Z]+)$/.exec(error.message)?.[1]));
}

function reasonOf(code: string | undefined): string {
  switch (code) {
    case 'EISDIR':
      return 'is a folder where a file should be';
    case 'EFBIG':
      return 'is larger than it can be';
    case 'ELOOP':
      return LEADS_NOWHERE;
    case undefined:
      return 'cannot be read';
    default:
      return `cannot be read (${code})`;
  }
}
