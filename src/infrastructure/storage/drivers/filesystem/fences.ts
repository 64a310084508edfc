import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { StorageFault } from '../../../../application/ports/storage/storage-fault.js';
import type { FileSystem, FolderEntry, Taken } from './file-system.js';
import { removeTree } from './remove-tree.js';
import { isMissing, mayHaveVanished, orMissing, systemCode } from './system-errors.js';

/** How often a folder is emptied that fills up again: once for each file at most that is taken meanwhile. */
const ATTEMPTS = 10_000;

/**
 * Fences are folders: what is removed is renamed into one. A rename needs the folder that it goes to, and the kernel
 * holds on to both while it renames, so once the folder is removed the rename of whoever slept meanwhile fails, however
 * long ago he looked whether it was there. An unlink could not be stopped like that.
 */
export class Fences {
  readonly #fs: FileSystem;

  constructor(fs: FileSystem) {
    this.#fs = fs;
  }

  /** @param tree a folder with what will be removed */
  async open(fence: string, tree: string): Promise<void> {
    await this.#fs.mkdir(fence);
    try {
      await this.#assertReachable(fence, tree);
    } catch (error) {
      await this.#fs.rmdir(fence);
      throw error;
    }
  }

  async take(file: string, taken: string): Promise<Taken> {
    try {
      return await this.#fs.takeInto(file, taken);
    } catch (error) {
      throw systemCode(error) === 'EXDEV' ? acrossFileSystems(file, error) : error;
    }
  }

  async break(fence: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        for (const entry of await this.#fs.readdir(fence)) await this.#removeEntry(fence, entry);
        await this.#fs.rmdir(fence);
        return;
      } catch (error) {
        if (isMissing(error)) return;
        const isFilled = ['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '');
        if ((!isFilled && !mayHaveVanished(error)) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** Names of the folders in a folder that were last changed before a moment (ms). */
  async openedBefore(folder: string, moment: number): Promise<readonly string[]> {
    const names: string[] = [];
    for (const { name, kind } of (await orMissing(this.#fs.list(folder))) ?? []) {
      const stat = kind === 'folder' ? await orMissing(this.#fs.stat(`${folder}/${name}`)) : undefined;
      if (stat !== undefined && stat.changedAt < moment) names.push(name);
    }
    return names;
  }

  async #removeEntry(fence: string, { name, isFolder }: FolderEntry): Promise<void> {
    const path = `${fence}/${name}`;
    // Damage: a folder has lain where a blob's bytes belong.
    if (isFolder) return removeTree(this.#fs, path);
    // Another who breaks the same fence may have been quicker.
    await orMissing(this.#fs.unlink(path));
  }

  /**
   * What is a mount of its own is told by the rename of a file that is not there: Linux compares the mounts before it looks
   * for the file. Parts of one mount (btrfs subvolumes) have different device numbers.
   */
  async #assertReachable(fence: string, tree: string): Promise<void> {
    try {
      const name = randomUUID();
      await orMissing(this.#fs.rename(`${tree}/${name}`, `${fence}/${name}`));
    } catch (error) {
      throw systemCode(error) === 'EXDEV' ? acrossFileSystems(tree, error) : error;
    }
    if ((await this.#deviceOf(tree)) !== (await this.#deviceOf(fence))) throw acrossFileSystems(tree);
  }

  /** Of a folder that is not there yet: that of the one where it will be made. */
  async #deviceOf(folder: string): Promise<string | undefined> {
    const stat = await orMissing(this.#fs.stat(folder));
    return stat === undefined ? this.#deviceOf(dirname(folder)) : stat.device;
  }
}

function acrossFileSystems(path: string, cause?: unknown): StorageFault {
  return new StorageFault(
    // Nothing was moved, for certain: whoever has condemned something may give it back.
    'denied',
    `cannot remove ${path}: the blobs lie on another file system than the folder stowage/ beside them, ` +
      'and nothing can be renamed from one to the other; put both on one file system to collect garbage',
    cause,
  );
}
