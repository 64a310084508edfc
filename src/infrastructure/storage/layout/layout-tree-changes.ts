import { StorageFault } from '../../../application/ports/storage/storage-fault.js';
import type { StorageDriver } from '../../../application/ports/storage/storage-driver.js';
import type { BlobFolder, TreeChanges } from '../../../application/ports/storage/tree-changes.js';
import { DIGEST_ALGORITHMS } from '../../../domain/content/digest.js';
import { blobsPath, clockPath, storedPath } from './paths.js';

/** The first two hex digits of digests. */
const PREFIXES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const ALL = DIGEST_ALGORITHMS.flatMap((algorithm) => PREFIXES.map((prefix) => ({ algorithm, prefix })));

/**
 * Looks at the times that each operation of the reference registry touches: a retag only the link file, a delete only
 * the folder of the link, a new name the folder above. (Tried with 2.8.2 and 3.1.2.) Where folders have no times nothing
 * tells that something was taken away: there everything may have changed.
 */
export class LayoutTreeChanges implements TreeChanges {
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  async mayHaveChanged(repository: string, since: number): Promise<boolean> {
    if (this.#driver.listing !== undefined) return true;
    try {
      return await this.#hasChanged(storedPath(repository), since);
    } catch (error) {
      // What can not be looked at is read, which tells what is wrong with it.
      if (error instanceof StorageFault) return true;
      throw error;
    }
  }

  async blobFolders(since: number): Promise<readonly BlobFolder[]> {
    if (this.#driver.listing !== undefined) return ALL;
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

  async #hasChanged(root: string, since: number): Promise<boolean> {
    const tags = `${root}/_manifests/tags`;
    const kinds = [`${root}/_layers`, `${root}/_manifests/revisions`];
    const [above, ...listed] = await Promise.all([
      this.#driver.newestOf([root, `${root}/_manifests`, tags, ...kinds]),
      ...kinds.map((path) => this.#driver.list(path)),
    ]);
    if (above === undefined || above >= since) return true;
    const folders = listed.flatMap((entries, at) => entries.map(({ name }) => `${kinds[at] ?? ''}/${name}`));
    const surveys = await Promise.all([
      this.#surveyed(tags, 'current/link'),
      ...folders.map((path) => this.#surveyed(path, 'link')),
      this.#driver.newestOf(folders),
    ]);
    return surveys.some((newest) => newest !== undefined && newest >= since);
  }

  /** The newest of the links, and of the folders whose link was taken away: they keep the time of it. */
  async #surveyed(path: string, leaf: string): Promise<number | undefined> {
    const { newest, without } = await this.#driver.survey(path, leaf);
    if (without.length === 0) return newest;
    const taken = await this.#driver.newestOf(without.map((folder) => `${path}/${folder}`));
    return Math.max(newest ?? -Infinity, taken ?? Infinity);
  }
}
