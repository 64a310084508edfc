import type { RemovalOutcome } from '../../application/ports/storage/blob-removal.js';
import type { FileListing } from '../../application/ports/storage/file-listing.js';
import type {
  SmallFile,
  StorageDriver,
  StorageEntry,
  StorageReader,
  StorageStat,
  StorageSurvey,
  StorageWriter,
} from '../../application/ports/storage/storage-driver.js';
import type { Digest, DigestAlgorithm } from '../../domain/content/digest.js';
import type { StorageAction, StorageMetrics } from './storage-metrics.js';

/** A storage driver whose actions are timed. `Reader` and `Writer` are the opening; the bytes count as the request's. */
export class MeteredStorageDriver implements StorageDriver {
  readonly name: StorageDriver['name'];
  readonly #driver: StorageDriver;
  readonly #metrics: StorageMetrics;

  constructor(driver: StorageDriver, metrics: StorageMetrics) {
    this.name = driver.name;
    this.#driver = driver;
    this.#metrics = metrics;
  }

  get root(): string | undefined {
    return this.#driver.root;
  }

  get listing(): FileListing | undefined {
    const { listing } = this.#driver;
    return listing && { pages: (prefix, after) => this.#timedPages(listing.pages(prefix, after)) };
  }

  async stat(path: string): Promise<StorageStat | undefined> {
    return this.#timed('Stat', this.#driver.stat(path));
  }

  async readContent(path: string, most: number): Promise<Uint8Array | undefined> {
    return this.#timed('GetContent', this.#driver.readContent(path, most));
  }

  async openReader(path: string, from?: number): Promise<StorageReader | undefined> {
    return this.#timed('Reader', this.#driver.openReader(path, from));
  }

  async openWriter(path: string, offset: number): Promise<StorageWriter | undefined> {
    return this.#timed('Writer', this.#driver.openWriter(path, offset));
  }

  async putContent(path: string, content: Uint8Array): Promise<void> {
    return this.#timed('PutContent', this.#driver.putContent(path, content));
  }

  async putContents(files: readonly SmallFile[]): Promise<void> {
    return this.#timed('PutContent', this.#driver.putContents(files));
  }

  async putDurably(path: string, content: Uint8Array): Promise<void> {
    return this.#timed('PutContent', this.#driver.putDurably(path, content));
  }

  async flushContent(paths: readonly string[]): Promise<void> {
    return this.#timed('Flush', this.#driver.flushContent(paths));
  }

  async move(from: string, to: string): Promise<boolean> {
    return this.#timed('Move', this.#driver.move(from, to));
  }

  async makeDurable(path: string): Promise<void> {
    return this.#timed('MakeDurable', this.#driver.makeDurable(path));
  }

  async remove(path: string): Promise<void> {
    return this.#timed('Delete', this.#driver.remove(path));
  }

  async removeWithFolder(path: string): Promise<void> {
    return this.#timed('Delete', this.#driver.removeWithFolder(path));
  }

  async openFence(fence: string, tree: string): Promise<void> {
    return this.#timed('Fence', this.#driver.openFence(fence, tree));
  }

  async removeThroughFence(path: string, taken: string): Promise<RemovalOutcome> {
    return this.#timed('Delete', this.#driver.removeThroughFence(path, taken));
  }

  async breakFence(fence: string): Promise<void> {
    return this.#timed('Fence', this.#driver.breakFence(fence));
  }

  async fencesOpenedBefore(folder: string, moment: number): Promise<readonly string[]> {
    return this.#timed('List', this.#driver.fencesOpenedBefore(folder, moment));
  }

  async list(path: string): Promise<readonly StorageEntry[]> {
    return this.#timed('List', this.#driver.list(path));
  }

  async newestOf(paths: readonly string[]): Promise<number | undefined> {
    return this.#timed('Stat', this.#driver.newestOf(paths));
  }

  async survey(path: string, leaf: string): Promise<StorageSurvey> {
    return this.#timed('List', this.#driver.survey(path, leaf));
  }

  async hash(
    path: string,
    algorithm: DigestAlgorithm,
    length: number,
    signal: AbortSignal,
  ): Promise<Digest | undefined> {
    return this.#timed('Hash', this.#driver.hash(path, algorithm, length, signal));
  }

  async removeLeftovers(before: number): Promise<void> {
    return this.#timed('Delete', this.#driver.removeLeftovers(before));
  }

  async linkTo(path: string, seconds: number): Promise<string | undefined> {
    return this.#timed('RedirectURL', this.#driver.linkTo(path, seconds));
  }

  async probe(): Promise<void> {
    return this.#timed('Probe', this.#driver.probe());
  }

  async close(): Promise<void> {
    return this.#driver.close();
  }

  /** Each page is an action. */
  async *#timedPages<T>(pages: AsyncIterable<T>): AsyncGenerator<T> {
    const iterator = pages[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#timed('List', iterator.next());
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }

  async #timed<T>(action: StorageAction, result: Promise<T>): Promise<T> {
    const startedAt = performance.now();
    try {
      return await result;
    } finally {
      this.#metrics.observe(action, (performance.now() - startedAt) / 1000);
    }
  }
}
