import { StorageFault } from '../../../application/ports/storage/storage-fault.js';
import type { StorageDriver, StorageLeaf } from '../../../application/ports/storage/storage-driver.js';
import type { BlobFolder, TreeChanges } from '../../../application/ports/storage/tree-changes.js';
import { blobsPath, clockPath, storedPath } from './paths.js';

/** The first two hex digits of digests. */
const PREFIXES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Folders whose links are looked at in one go. */
interface LinkFolders {
  readonly path: string;
  readonly leaf: string;
}

/**
 * Looks at the times that each operation of the reference registry touches: a retag only the link file, a delete only
 * the folder of the link, a new name the folder above. (Tried with 2.8.2 and 3.1.2.)
 */
export class LayoutTreeChanges implements TreeChanges {
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  async mayHaveChanged(repository: string, since: number): Promise<boolean> {
    try {
      const root = storedPath(repository);
      if ((await this.#driver.stat(root)) === undefined) return true;
      for (const folders of await this.#linkFolders(root, since)) {
        if (folders === 'changed' || (await this.#hasChanged(folders, since))) return true;
      }
      return false;
    } catch (error) {
      // What can not be looked at is read, which tells what is wrong with it.
      if (error instanceof StorageFault) return true;
      throw error;
    }
  }

  async blobFolders(since: number): Promise<readonly BlobFolder[]> {
    const changed: BlobFolder[] = [];
    for (const { name: algorithm } of await this.#driver.list(blobsPath)) {
      const stats = await Promise.all(
        PREFIXES.map((prefix) => this.#driver.stat(`${blobsPath}/${algorithm}/${prefix}`)),
      );
      for (const [at, prefix] of PREFIXES.entries()) {
        // What is not there may have been taken away as a whole.
        if ((stats[at]?.changedAt ?? Infinity) >= since) changed.push({ algorithm, prefix });
      }
    }
    return changed;
  }

  async now(): Promise<number> {
    await this.#driver.putContent(clockPath, new Uint8Array(0));
    const stat = await this.#driver.stat(clockPath);
    if (stat === undefined)
      throw new StorageFault('broken', `${clockPath} is gone right after it was written`);
    return stat.changedAt;
  }

  async #linkFolders(root: string, since: number): Promise<readonly (LinkFolders | 'changed')[]> {
    const algorithms = [`${root}/_layers`, `${root}/_manifests/revisions`];
    const tags = `${root}/_manifests/tags`;
    const stats = await Promise.all(
      [root, `${root}/_manifests`, tags, ...algorithms].map((path) => this.#driver.stat(path)),
    );
    if (stats.some((stat) => stat !== undefined && stat.changedAt >= since)) return ['changed'];
    const listed = await Promise.all(algorithms.map((path) => this.#driver.list(path)));
    const links = listed.flatMap((entries, at) =>
      entries.map(({ name }) => ({ path: `${algorithms[at] ?? ''}/${name}`, leaf: 'link' })),
    );
    const folders = await Promise.all(links.map(({ path }) => this.#driver.stat(path)));
    if (folders.some((stat) => stat !== undefined && stat.changedAt >= since)) return ['changed'];
    return [{ path: tags, leaf: 'current/link' }, ...links];
  }

  async #hasChanged({ path, leaf }: LinkFolders, since: number): Promise<boolean> {
    const leaves = await this.#driver.statEach(path, leaf);
    if (leaves.some(({ stat }) => stat !== undefined && stat.changedAt >= since)) return true;
    const taken = leaves.filter(({ stat }) => stat === undefined);
    return this.#wereTaken(path, taken, since);
  }

  /** A link that was taken away leaves its folder, and the time of it. */
  async #wereTaken(path: string, leaves: readonly StorageLeaf[], since: number): Promise<boolean> {
    const stats = await Promise.all(leaves.map(({ folder }) => this.#driver.stat(`${path}/${folder}`)));
    return stats.some((stat) => stat === undefined || stat.changedAt >= since);
  }
}
