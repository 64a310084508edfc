import { StorageFault } from '../ports/storage/storage-fault.js';
import type { TreeDamage } from '../ports/storage/stored-tree.js';

export const LEADS_NOWHERE = 'is a link that leads nowhere';

/**
 * A fault that concerns this path only, as damage.
 * @throws the error itself when it says nothing of this path
 */
export function damageOfFault(error: unknown, path: string, repository: string | undefined): TreeDamage {
  if (!(error instanceof StorageFault)) throw error;
  if (error.kind === 'denied') return { path, repository, reason: 'may not be read by this user' };
  if (error.kind !== 'broken') throw error;
  return { path, repository, reason: reasonOf(/: (E[A-Z]+)$/.exec(error.message)?.[1]) };
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
