import type { Digest } from '../../../domain/content/digest.js';
import type { BlobFolder } from '../storage/tree-changes.js';

export interface RegisteredContent {
  /** Of this life of the digest. */
  readonly id: number;
  readonly digest: Digest;
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
}
