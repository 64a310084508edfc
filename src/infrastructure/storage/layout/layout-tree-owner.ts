import type { StorageDriver } from '../../../application/ports/storage/storage-driver.js';
import type { Ownership, TreeOwner } from '../../../application/ports/storage/tree-owner.js';
import { blobsPath, distrustPath, flushedPath, ownerPath, repositoriesPath } from './paths.js';

/** Bytes; it has about 70. */
const MOST = 4096;
const NOTHING = new Uint8Array(0);

/** The owner as a small file beside the reference registry's tree, on any driver. */
export class LayoutTreeOwner implements TreeOwner {
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  async read(): Promise<Ownership | 'damaged' | undefined> {
    const content = await this.#driver.readContent(ownerPath, MOST);
    return content && parseOwnership(Buffer.from(content).toString('utf8'));
  }

  async write({ database, journal }: Ownership): Promise<void> {
    await this.#driver.putDurably(ownerPath, Buffer.from(`${JSON.stringify({ database, journal })}\n`));
  }

  async markFlushed(): Promise<void> {
    await this.#driver.putContent(flushedPath, NOTHING);
  }

  async flushedAt(): Promise<number | undefined> {
    return (await this.#driver.stat(flushedPath))?.changedAt;
  }

  async distrust(why: string): Promise<void> {
    await this.#driver.putDurably(distrustPath, Buffer.from(`${why}\n`));
  }

  async distrusted(): Promise<string | undefined> {
    const content = await this.#driver.readContent(distrustPath, MOST);
    return content && Buffer.from(content).toString('utf8').trimEnd();
  }

  async trust(): Promise<void> {
    await this.#driver.remove(distrustPath);
  }

  async isEmpty(): Promise<boolean> {
    for (const folder of [blobsPath, repositoriesPath]) {
      if (!(await this.#isFolderEmpty(folder))) return false;
    }
    return true;
  }

  async #isFolderEmpty(folder: string): Promise<boolean> {
    const { listing } = this.#driver;
    if (listing === undefined) return (await this.#driver.list(folder)).length === 0;
    for await (const page of listing.pages(`${folder}/`)) {
      if (page.length > 0) return false;
    }
    return true;
  }
}

function parseOwnership(text: string): Ownership | 'damaged' {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'damaged';
  }
  const { database, journal } = (value ?? {}) as Partial<Record<keyof Ownership, unknown>>;
  const isSound = typeof database === 'string' && Number.isSafeInteger(journal);
  return isSound ? { database, journal: Number(journal) } : 'damaged';
}
