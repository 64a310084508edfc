import type { Digest, DigestAlgorithm } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';
import type { StorageWriter } from './storage-driver.js';

/** The staged file of a session: `_uploads/<id>/data.<fence>`. */
export interface StagedFile {
  readonly repository: RepositoryName;
  readonly id: UploadId;
  readonly fence: number;
}

/** The bytes of upload sessions before they are blobs. */
export interface UploadStore {
  /**
   * Makes the folder of a session that will outlive its request, with its `startedat` (ms of Unix time), by which the
   * reference registry's purge knows it.
   */
  create(repository: RepositoryName, id: UploadId, startedAt: number): Promise<void>;

  /** Continues the staged file at `offset`; undefined when it is missing or shorter (it is never padded). */
  openWriter(staged: StagedFile, offset: number): Promise<StorageWriter | undefined>;

  /** Bytes of the staged file; undefined when there is none. */
  size(staged: StagedFile): Promise<number | undefined>;

  /**
   * Copies the first `length` bytes to the file of another fence, so that a holder of the old one that wakes up late
   * writes into a file nobody will use. False when there are fewer.
   */
  copy(from: StagedFile, toFence: number, length: number): Promise<boolean>;

  /** The digest of the first `length` bytes, off the loop; undefined when there are fewer. */
  hash(
    staged: StagedFile,
    algorithm: DigestAlgorithm,
    length: number,
    signal: AbortSignal,
  ): Promise<Digest | undefined>;

  /** Removes the session's folder with everything in it. */
  remove(repository: RepositoryName, id: UploadId): Promise<void>;
}
