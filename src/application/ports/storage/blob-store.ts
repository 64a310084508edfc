import type { Digest } from '../../../domain/content/digest.js';
import type { StagedFile } from './upload-store.js';
import type { LocalFile, StorageReader } from './storage-driver.js';

/** Verified content under its digest, in the reference registry's tree. */
export interface BlobStore {
  /** Bytes at the digest's path; undefined when there is none. */
  size(digest: Digest): Promise<number | undefined>;

  /**
   * Undefined when there is no such content.
   * @param from the position at which reading will begin (bytes, 0 by default); others can be read all the same
   */
  open(digest: Digest, from?: number): Promise<StorageReader | undefined>;

  /**
   * An address at which whoever has it gets the bytes, for 20 minutes; undefined where the storage has none. It asks the
   * storage nothing, so the bytes need not be there.
   */
  linkTo(digest: Digest): Promise<string | undefined>;

  /**
   * The file that holds the bytes when there are any; undefined where the storage has no files that others can read. It
   * looks at nothing.
   */
  fileOf(digest: Digest): LocalFile | undefined;

  /**
   * Moves staged bytes, which the caller has flushed and verified, to the digest's path, over whatever is there: an
   * empty or damaged file is healed by it. When it returns true they survive a power loss. False when the staged file
   * is gone: an earlier attempt may have moved it.
   */
  place(staged: StagedFile, digest: Digest): Promise<boolean>;

  /** Puts verified bytes at the digest's path, over whatever is there. When it resolves they survive a power loss. */
  put(digest: Digest, content: Uint8Array): Promise<void>;

  /**
   * Whether the digest's path holds exactly these bytes, read whole and hashed off the loop. When it returns true they
   * survive a power loss: it finishes a placement that was killed between its move and its commit.
   */
  verify(digest: Digest, size: number, signal: AbortSignal): Promise<boolean>;
}
