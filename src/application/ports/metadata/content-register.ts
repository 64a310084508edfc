import type { Digest } from '../../../domain/content/digest.js';
import type { BlobFolder } from '../storage/tree-changes.js';

export interface RegisteredContent {
  /** Of this life of the digest. */
  readonly id: number;
  readonly digest: Digest;
}

/** Bytes in the storage that no row knows. */
export interface OrphanedContent {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** Which bytes the database takes to be in the storage. */
export interface ContentRegister {
  /** In the order of digests, behind `after`; empty for an algorithm that no content has. */
  present(
    folder: BlobFolder,
    after: Digest | undefined,
    limit: number,
  ): Promise<readonly RegisteredContent[]>;

  /**
   * Notes that bytes are gone. Repositories keep their links, but nobody is told that he need not push the blob: who
   * pushes it again heals it for all.
   */
  lose(ids: readonly number[]): Promise<void>;

  /** Those of the digests that no row knows, in whatever state, in their order. */
  unknown(digests: readonly Digest[]): Promise<readonly Digest[]>;

  /**
   * Hands bytes to collection: each gets a row as of a push that ran out, which is due at once. A digest that has a row
   * by now stays as it is. One transaction.
   * @returns those that got a row
   */
  registerOrphans(orphans: readonly OrphanedContent[], now: number): Promise<readonly OrphanedContent[]>;
}
