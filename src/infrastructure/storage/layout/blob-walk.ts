import type { StorageDriver, StorageEntry } from '../../../application/ports/storage/storage-driver.js';
import type { BlobEntry } from '../../../application/ports/storage/tree-inventory.js';
import { damageOfFault, LEADS_NOWHERE } from '../../../application/services/damage-of-fault.js';
import { mapInOrder } from '../../../application/services/map-in-order.js';
import { isDigestAlgorithm, type Digest } from '../../../domain/content/digest.js';
import { blobFolderPath, blobsPath } from './paths.js';
import { parseDigest } from './stored-link.js';
import { damageOf, isAddressable, NO_FOLDER } from './tree-damage.js';

/** Folders that are looked into at once. */
const IN_FLIGHT = 32;
const PREFIX = /^[0-9a-f]{2}$/;
/** A move to another file system is written beside its target and renamed; who is killed in between leaves this. */
const LEFTOVER = /^data\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

export function isLeftover(path: string): boolean {
  return path.startsWith(`${blobsPath}/`) && LEFTOVER.test(path.slice(path.lastIndexOf('/') + 1));
}

/** Walks the folders of blobs in the order of digests. */
export class BlobWalk {
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  async *entries(after: Digest | undefined, signal: AbortSignal): AsyncGenerator<BlobEntry> {
    for await (const algorithm of this.#folders(blobsPath)) {
      if (typeof algorithm !== 'string') yield algorithm;
      else if (!isDigestAlgorithm(algorithm)) {
        yield damaged(`${blobsPath}/${algorithm}`, 'is a name that no algorithm has');
      } else if (after === undefined || algorithm >= after.algorithm) {
        yield* this.#ofAlgorithm(algorithm, algorithm === after?.algorithm ? after.hex : '', signal);
      }
    }
  }

  async *#ofAlgorithm(algorithm: string, after: string, signal: AbortSignal): AsyncGenerator<BlobEntry> {
    const folder = `${blobsPath}/${algorithm}`;
    for await (const prefix of this.#folders(folder)) {
      signal.throwIfAborted();
      if (typeof prefix !== 'string') yield prefix;
      else if (!PREFIX.test(prefix)) {
        yield damaged(`${folder}/${prefix}`, 'is a name that no digest begins with');
      } else if (prefix >= after.slice(0, 2)) yield* this.#ofPrefix(algorithm, prefix, after, signal);
    }
  }

  async *#ofPrefix(
    algorithm: string,
    prefix: string,
    after: string,
    signal: AbortSignal,
  ): AsyncGenerator<BlobEntry> {
    const folder = `${blobsPath}/${algorithm}/${prefix}`;
    const look = async (hex: string | BlobEntry): Promise<readonly BlobEntry[]> => {
      if (typeof hex !== 'string') return [hex];
      const digest = hex.startsWith(prefix) ? parseDigest(`${algorithm}:${hex}`) : undefined;
      if (digest === undefined) return [damaged(`${folder}/${hex}`, 'is a name that no digest here has')];
      return this.#inside(digest);
    };
    for await (const found of mapInOrder(this.#folders(folder, after), IN_FLIGHT, look, signal)) yield* found;
  }

  async #inside(digest: Digest): Promise<readonly BlobEntry[]> {
    const folder = blobFolderPath(digest);
    try {
      const entries = await this.#driver.list(folder);
      const found = await Promise.all(entries.map((entry) => this.#look(digest, folder, entry)));
      return found.filter((entry) => entry !== undefined);
    } catch (error) {
      return [{ kind: 'damaged', damage: damageOfFault(error, folder, undefined) }];
    }
  }

  /** Undefined when it is gone meanwhile. */
  async #look(digest: Digest, folder: string, { name, kind }: StorageEntry): Promise<BlobEntry | undefined> {
    const path = `${folder}/${name}`;
    if (kind === 'file' && name === 'data') return { kind: 'blob', digest };
    if (kind === 'file' && LEFTOVER.test(name)) {
      const stat = await this.#driver.stat(path);
      if (stat?.kind !== 'file') return undefined;
      return { kind: 'leftover', leftover: { path, size: stat.size, changedAt: stat.changedAt } };
    }
    if (kind === 'other') return damaged(path, LEADS_NOWHERE);
    return damaged(
      path,
      name === 'data' ? 'is a folder where a file should be' : 'is nothing that belongs there',
    );
  }

  /** Names of the folders in a folder, in byte order behind `after`, and what lies there instead. */
  async *#folders(path: string, after = ''): AsyncGenerator<string | BlobEntry> {
    try {
      const entries = await this.#driver.list(path);
      for (const { name, kind } of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
        if (name <= after) continue;
        if (!isAddressable(name)) yield damaged(`${path}/${name}`, 'is a name that is never written');
        else if (kind === 'folder') yield name;
        else yield damaged(`${path}/${name}`, kind === 'file' ? NO_FOLDER : LEADS_NOWHERE);
      }
    } catch (error) {
      yield { kind: 'damaged', damage: damageOfFault(error, path, undefined) };
    }
  }
}

function damaged(path: string, reason: string): BlobEntry {
  return { kind: 'damaged', damage: damageOf(path, undefined, reason) };
}
