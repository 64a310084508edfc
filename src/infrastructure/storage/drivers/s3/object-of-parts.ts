import { atOnce } from './at-once.js';
import type { ObjectStore, UploadedPart } from './object-store.js';

type PartStore = Pick<ObjectStore, 'createMultipart' | 'completeMultipart' | 'abortMultipart'>;

export interface ObjectOfParts<T> {
  readonly key: string;
  /** What the parts are made of, in their order: 1 to 10,000. */
  readonly sources: readonly T[];
  /** Parts that are made at once. */
  readonly width: number;
  /** @param number from 1 */
  readonly makePart: (uploadId: string, number: number, source: T) => Promise<UploadedPart>;
  /** Rejects when the parts must not become an object after all. */
  readonly check?: () => Promise<void>;
}

/** Makes an object of parts. It appears whole or not at all. */
export async function makeOfParts<T>(
  store: PartStore,
  { key, sources, width, makePart, check }: ObjectOfParts<T>,
): Promise<void> {
  const uploadId = await store.createMultipart(key);
  try {
    const parts = await atOnce(width, [...sources.entries()], ([at, source]) =>
      makePart(uploadId, at + 1, source),
    );
    await check?.();
    await store.completeMultipart(key, uploadId, parts);
  } catch (error) {
    // Why it failed is what counts; an upload that can not be aborted now is ended with what killed processes have left.
    await Promise.allSettled([store.abortMultipart(key, uploadId)]);
    throw error;
  }
}
