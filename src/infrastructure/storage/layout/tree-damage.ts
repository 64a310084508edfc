import type { TreeDamage } from '../../../application/ports/storage/stored-tree.js';

export const NO_FOLDER = 'is a file where a folder should be';

const ADDRESSABLE = /^[A-Za-z0-9._-]+$/;

/** Whether a storage driver takes the name as a segment of a path. */
export function isAddressable(name: string): boolean {
  return ADDRESSABLE.test(name);
}

export function damageOf(path: string, repository: string | undefined, reason: string): TreeDamage {
  return { path, repository, reason };
}
