import { StorageFault } from '../../../../../application/ports/storage/storage-fault.js';
import type { ObjectStore, StoredObject, UploadedPart } from '../object-store.js';

const MOST_PARTS = 10_000;

type PartStore = Pick<
  ObjectStore,
  'createMultipart' | 'copyPart' | 'completeMultipart' | 'abortMultipart' | 'head'
>;

/** Copies an object in parts, several at once. It appears whole or not at all; what fails is aborted. */
export async function copyInParts(
  store: PartStore,
  { key: from, size, etag }: StoredObject,
  to: string,
  { chunk, atOnce }: { readonly chunk: number; readonly atOnce: number },
): Promise<void> {
  const step = Math.max(chunk, Math.ceil(size / MOST_PARTS));
  const count = Math.ceil(size / step);
  const uploadId = await store.createMultipart(to);
  try {
    const parts = await inParallel(count, atOnce, async (index) =>
      store.copyPart(to, uploadId, index + 1, from, {
        start: index * step,
        end: Math.min((index + 1) * step, size),
      }),
    );
    // One look for all parts: it is the same object now, so it was when each of them was copied.
    if ((await store.head(from))?.etag !== etag) {
      throw new StorageFault('broken', `S3 has another object at ${from} than when its copy to ${to} began.`);
    }
    await store.completeMultipart(to, uploadId, parts);
  } catch (error) {
    // Why it failed is what counts; an upload that cannot be aborted now is ended by the purge.
    await store.abortMultipart(to, uploadId).catch(() => undefined);
    throw error;
  }
}

/** Settles when no call is on its way any more; after the first that fails none is begun. */
async function inParallel(
  count: number,
  atOnce: number,
  call: (index: number) => Promise<UploadedPart>,
): Promise<readonly UploadedPart[]> {
  const results: UploadedPart[] = [];
  const indexes = Array.from({ length: count }, (_, index) => index).values();
  const failures: unknown[] = [];
  const worker = async () => {
    // The iterator is shared: each index goes to one worker.
    for (const index of indexes) {
      try {
        results[index] = await call(index);
      } catch (error) {
        failures.push(error);
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
  if (failures.length > 0) throw failures[0] as Error;
  return results;
}
