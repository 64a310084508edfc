import type { CopyRequest } from '../../../src/application/use-cases/maintenance/copy-storage.js';
import { CopyStorage, type CopyReport } from '../../../src/application/use-cases/maintenance/copy-storage.js';
import type { CopyProgress } from '../../../src/application/services/copy-pass.js';
import { Digest } from '../../../src/domain/content/digest.js';
import type { StorageDriver } from '../../../src/application/ports/storage/storage-driver.js';
import { ReadOnlyDriver } from '../../../src/infrastructure/storage/drivers/read-only-driver.js';
import { LayoutBlobStore } from '../../../src/infrastructure/storage/layout/layout-blob-store.js';
import { LayoutCopyTarget } from '../../../src/infrastructure/storage/layout/layout-copy-target.js';
import { LayoutStoredTree } from '../../../src/infrastructure/storage/layout/layout-stored-tree.js';
import { LayoutTagHistory } from '../../../src/infrastructure/storage/layout/layout-tag-history.js';
import { LayoutTreeInventory } from '../../../src/infrastructure/storage/layout/layout-tree-inventory.js';
import { ManualClock } from '../../support/fakes.js';

export const NEVER = new AbortController().signal;

export interface CopyOutcome {
  readonly report: CopyReport;
  readonly progress: CopyProgress;
}

/** Copies what one driver has into another, as `storage copy` does. */
export async function copyBetween(
  source: StorageDriver,
  target: StorageDriver,
  { verify = false, moveTags = false, signal = NEVER }: Partial<CopyRequest> & { signal?: AbortSignal } = {},
): Promise<CopyOutcome> {
  const read = new ReadOnlyDriver(source);
  const copy = new CopyStorage(
    {
      blobs: new LayoutBlobStore(read),
      inventory: new LayoutTreeInventory(read),
      tree: new LayoutStoredTree(read),
      history: new LayoutTagHistory(read),
      probe: () => read.probe(),
    },
    {
      blobs: new LayoutBlobStore(target),
      tree: new LayoutStoredTree(target),
      copy: new LayoutCopyTarget(target),
    },
    new ManualClock(),
  );
  const progress = {
    pass: 0,
    blobsCopied: 0,
    bytesCopied: 0,
    namesCopied: 0,
    blobsThere: 0,
    namesThere: 0,
    repositories: 0,
  };
  const report = await copy.execute({ verify, moveTags }, progress, signal);
  return { report, progress };
}

/** More bytes are told by their digest. */
const SHORT = 1_000;

/** Every file of a storage, by its path: its text, or what stands for many bytes. */
export async function filesOf(
  driver: StorageDriver,
  roots: readonly string[] = ['docker', 'stowage'],
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const root of roots) {
    for (const { name, kind } of await driver.list(root)) {
      const path = `${root}/${name}`;
      if (kind === 'folder') {
        for (const [below, content] of await filesOf(driver, [path])) files.set(below, content);
      } else files.set(path, contentOf(await driver.readContent(path, Infinity)));
    }
  }
  return files;
}

export function contentOf(content: Uint8Array = new Uint8Array(0)): string {
  if (content.length <= SHORT) return Buffer.from(content).toString('latin1');
  return `${content.length} bytes, ${Digest.of('sha256', content).toString()}`;
}

/** A driver of which some methods do something else. */
export function altered(driver: StorageDriver, methods: Partial<StorageDriver>): StorageDriver {
  return new Proxy(driver, {
    get(original, name: keyof StorageDriver) {
      const value: unknown = methods[name] ?? original[name];
      // Private fields are found by the driver itself alone.
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(original) : value;
    },
  });
}
