import type { CopiedName, CopyTarget } from '../../../application/ports/storage/copy-target.js';
import { StorageFault } from '../../../application/ports/storage/storage-fault.js';
import type { StorageDriver, StorageWriter } from '../../../application/ports/storage/storage-driver.js';
import type { Digest } from '../../../domain/content/digest.js';
import {
  blobPath,
  copiesPath,
  copyBegunPath,
  declarationPath,
  historyPath,
  incomingPath,
  linkPath,
} from './paths.js';

const NOTHING = new Uint8Array(0);

/** A copy as the reference registry's tree, on any driver. */
export class LayoutCopyTarget implements CopyTarget {
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  async begin(): Promise<boolean> {
    const earlier = await this.#driver.stat(copyBegunPath);
    if (earlier === undefined) await this.#driver.putDurably(copyBegunPath, NOTHING);
    return earlier !== undefined;
  }

  async openWriter(digest: Digest): Promise<StorageWriter> {
    const path = incomingPath(digest);
    const writer = await this.#driver.openWriter(path, 0);
    if (writer === undefined) throw new StorageFault('broken', `cannot write ${path}: it can not be made`);
    return writer;
  }

  async place(digest: Digest): Promise<void> {
    const path = incomingPath(digest);
    const isPlaced = await this.#driver.move(path, blobPath(digest));
    if (!isPlaced) throw new StorageFault('broken', `cannot move ${path}: what was written there is gone`);
    // On an object store a move may leave where it came from.
    await this.#driver.remove(path);
  }

  async discard(digest: Digest): Promise<void> {
    await this.#driver.remove(incomingPath(digest));
  }

  async keep(digest: Digest): Promise<void> {
    await this.#driver.makeDurable(blobPath(digest));
  }

  async link({ name, target, declared }: CopiedName): Promise<void> {
    const content = Buffer.from(target.toString());
    if (name.kind === 'tag') {
      await this.#driver.putContent(historyPath(name.repository, name.tag, target), content);
    } else if (name.kind === 'revision' && declared !== undefined) {
      const declaration = Buffer.from(JSON.stringify({ mediaType: declared }));
      await this.#driver.putContent(declarationPath(name.repository, name.digest), declaration);
    }
    await this.#driver.putContent(linkPath(name), content);
  }

  async flush(names: readonly CopiedName[]): Promise<void> {
    await this.#driver.flushContent(names.flatMap(pathsOf));
  }

  async clear(): Promise<void> {
    await this.#driver.remove(copiesPath);
  }

  pathOf(digest: Digest): string {
    return blobPath(digest);
  }
}

/** Everything that making the link may have touched. */
function pathsOf({ name, target }: CopiedName): readonly string[] {
  const path = linkPath(name);
  switch (name.kind) {
    case 'layer':
      return [path];
    case 'revision':
      return [declarationPath(name.repository, name.digest), path];
    case 'tag':
      return [historyPath(name.repository, name.tag, target), path];
  }
}
