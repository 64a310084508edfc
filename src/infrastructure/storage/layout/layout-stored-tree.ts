import type { StorageDriver } from '../../../application/ports/storage/storage-driver.js';
import type {
  StoredRepository,
  StoredTree,
  TreeDamage,
} from '../../../application/ports/storage/stored-tree.js';
import type { Digest } from '../../../domain/content/digest.js';
import type { LinkedName } from '../../../domain/repository/linked-name.js';
import { LearntSizes } from './learnt-sizes.js';
import { ListedRepository } from './listed-repository.js';
import { blobPath, linkPath, storedPath } from './paths.js';
import { RepositoryWalk } from './repository-walk.js';
import { WalkedRepository } from './walked-repository.js';

const LARGEST_MANIFEST = 4 * 1024 * 1024;

/** The reference registry's tree, on any driver. */
export class LayoutStoredTree implements StoredTree {
  readonly #driver: StorageDriver;
  readonly #learnt: LearntSizes | undefined;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
    this.#learnt = driver.listing && new LearntSizes(driver.listing);
  }

  repositories(
    after: string | undefined,
    signal: AbortSignal,
    onDamage: (damage: TreeDamage) => void = () => undefined,
  ): AsyncIterable<string> {
    return new RepositoryWalk(this.#driver, onDamage).names(after ?? '', signal);
  }

  repository(name: string): StoredRepository {
    const { listing } = this.#driver;
    const blobSize = (digest: Digest): Promise<number | undefined> => this.blobSize(digest);
    return listing === undefined
      ? new WalkedRepository(this.#driver, name, blobSize)
      : new ListedRepository(this.#driver, listing, name, blobSize);
  }

  manifestBytes(digest: Digest): Promise<Uint8Array | undefined> {
    return this.#driver.readContent(blobPath(digest), LARGEST_MANIFEST);
  }

  async blobSize(digest: Digest): Promise<number | undefined> {
    const learnt = this.#learnt?.sizeOf(digest);
    if (learnt !== undefined) return learnt;
    const stat = await this.#driver.stat(blobPath(digest));
    return stat?.kind === 'file' ? stat.size : undefined;
  }

  async learnBlobs(signal: AbortSignal): Promise<() => void> {
    return this.#learnt === undefined ? () => undefined : this.#learnt.learn(signal);
  }

  pathOf(name: LinkedName | string): string {
    return typeof name === 'string' ? storedPath(name) : linkPath(name);
  }
}
