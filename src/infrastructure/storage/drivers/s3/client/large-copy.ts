import { StorageFault } from '../../../../../application/ports/storage/storage-fault.js';
import { makeOfParts } from '../object-of-parts.js';
import type { ObjectRange, ObjectStore, StoredObject } from '../object-store.js';

const MOST_PARTS = 10_000;

type PartStore = Pick<
  ObjectStore,
  'createMultipart' | 'copyPart' | 'completeMultipart' | 'abortMultipart' | 'head'
>;

/** Copies an object in parts, several at once. It appears whole or not at all. */
export async function copyInParts(
  store: PartStore,
  { key: from, size, etag }: StoredObject,
  to: string,
  { chunk, atOnce }: { readonly chunk: number; readonly atOnce: number },
): Promise<void> {
  const step = Math.max(chunk, Math.ceil(size / MOST_PARTS));
  const ranges = Array.from({ length: Math.ceil(size / step) }, (_, index): ObjectRange => ({
    start: index * step,
    end: Math.min((index + 1) * step, size),
  }));
  await makeOfParts(store, {
    key: to,
    sources: ranges,
    width: atOnce,
    makePart: (uploadId, number, range) => store.copyPart(to, uploadId, number, from, range),
    // One look for all parts: it is the same object now, so it was when each of them was copied.
    check: async () => {
      if ((await store.head(from))?.etag === etag) return;
      throw new StorageFault('broken', `S3 has another object at ${from} than when its copy to ${to} began.`);
    },
  });
}
