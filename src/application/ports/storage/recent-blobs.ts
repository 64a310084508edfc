import type { Digest } from '../../../domain/content/digest.js';

/** Bytes of small blobs that were pulled lately. Whether a repository has one is not known here. */
export interface RecentBlobs {
  find(digest: Digest): Uint8Array | undefined;

  /** @param bytes what the digest names, at most SMALL_BLOB of them; nobody changes them any more */
  keep(digest: Digest, bytes: Uint8Array): void;
}
