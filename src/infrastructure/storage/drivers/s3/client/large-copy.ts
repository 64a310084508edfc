import type { ObjectStore, StoredObject, UploadedPart } from '../object-store.js';

const MOST_PARTS = 10_000;

/** Copies an object in parts, several at once. Appears whole or not at all; what fails is aborted. */
export async function copyInParts(
  store: Pick<ObjectStore, 'createMultipart' | 'copyPart' | 'completeMultipart' | 'abortMultipart'>,
  { key: from, size, etag }: StoredObject,
  to: string,
  { chunk, atOnce }: { readonly chunk: number; readonly atOnce: number },
): Promise<void> {
  const step = Math.max(chunk, Math.ceil(size / MOST_PARTS));
  const count = Math.ceil(size / step);
  const uploadId = await store.createMultipart(to);
  const parts: UploadedPart[] = [];
  let next = 0;
  let isFailed = false;
  const copyNext = async () => {
    while (next < count && !isFailed) {
      const index = next++;
      const range = { start: index * step, end: Math.min((index + 1) * step, size) };
      parts[index] = await store.copyPart(to, uploadId, index + 1, from, range, etag);
    }
  };
  const workers = Array.from({ length: Math.min(atOnce, count) }, async () => {
    try {
      await copyNext();
    } catch (error) {
      isFailed = true;
      throw error;
    }
  });
  try {
    const failed = (await Promise.allSettled(workers)).find((settled) => settled.status === 'rejected');
    if (failed !== undefined) throw failed.reason as Error;
    await store.completeMultipart(to, uploadId, parts);
  } catch (error) {
    // Why it failed is what counts; an upload that cannot be aborted now is ended by the purge.
    await store.abortMultipart(to, uploadId).catch(() => undefined);
    throw error;
  }
}
