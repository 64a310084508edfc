import type { FolderLock } from '../../application/ports/system/folder-lock.js';

/** Storage in memory: there is no folder that another process could use. */
export class NoFolderLock implements FolderLock {
  acquire(): void {}

  release(): void {}
}
