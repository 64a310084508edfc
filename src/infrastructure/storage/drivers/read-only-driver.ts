import type { FileListing } from '../../../application/ports/storage/file-listing.js';
import type {
  SmallFile,
  StorageDriver,
  StorageEntry,
  StorageReader,
  StorageStat,
  StorageSurvey,
} from '../../../application/ports/storage/storage-driver.js';
import { StorageFault } from '../../../application/ports/storage/storage-fault.js';
import type { Digest, DigestAlgorithm } from '../../../domain/content/digest.js';

/** A storage that somebody else writes to: what would change it is refused as a fault of the medium. */
export class ReadOnlyDriver implements StorageDriver {
  readonly name: StorageDriver['name'];
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.name = driver.name;
    this.#driver = driver;
  }

  get root(): string | undefined {
    return this.#driver.root;
  }

  get listing(): FileListing | undefined {
    return this.#driver.listing;
  }

  stat(path: string): Promise<StorageStat | undefined> {
    return this.#driver.stat(path);
  }

  readContent(path: string, most: number): Promise<Uint8Array | undefined> {
    return this.#driver.readContent(path, most);
  }

  openReader(path: string, from?: number): Promise<StorageReader | undefined> {
    return this.#driver.openReader(path, from);
  }

  list(path: string): Promise<readonly StorageEntry[]> {
    return this.#driver.list(path);
  }

  newestOf(paths: readonly string[]): Promise<number | undefined> {
    return this.#driver.newestOf(paths);
  }

  survey(path: string, leaf: string): Promise<StorageSurvey> {
    return this.#driver.survey(path, leaf);
  }

  fencesOpenedBefore(folder: string, moment: number): Promise<readonly string[]> {
    return this.#driver.fencesOpenedBefore(folder, moment);
  }

  hash(
    path: string,
    algorithm: DigestAlgorithm,
    length: number,
    signal: AbortSignal,
  ): Promise<Digest | undefined> {
    return this.#driver.hash(path, algorithm, length, signal);
  }

  linkTo(path: string, seconds: number): Promise<string | undefined> {
    return this.#driver.linkTo(path, seconds);
  }

  probe(): Promise<void> {
    return this.#driver.probe();
  }

  close(): Promise<void> {
    return this.#driver.close();
  }

  /** It has changed nothing, so there is nothing to be made durable. */
  async flushContent(): Promise<void> {}

  async makeDurable(): Promise<void> {}

  /** What others have left is theirs. */
  async removeLeftovers(): Promise<void> {}

  openWriter(path: string): Promise<never> {
    return refuse(path);
  }

  putContent(path: string): Promise<never> {
    return refuse(path);
  }

  putContents([first]: readonly SmallFile[]): Promise<never> {
    return refuse(first?.path ?? '');
  }

  putDurably(path: string): Promise<never> {
    return refuse(path);
  }

  move(_from: string, to: string): Promise<never> {
    return refuse(to);
  }

  removeWithFolder(path: string): Promise<never> {
    return refuse(path);
  }

  remove(path: string): Promise<never> {
    return refuse(path);
  }

  openFence(fence: string): Promise<never> {
    return refuse(fence);
  }

  removeThroughFence(path: string): Promise<never> {
    return refuse(path);
  }

  breakFence(fence: string): Promise<never> {
    return refuse(fence);
  }
}

async function refuse(path: string): Promise<never> {
  throw new StorageFault('read-only', `write ${path}: the storage is read only`);
}
