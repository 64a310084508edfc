import type { Digest } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';
import type { Found, TreeDamage } from './stored-tree.js';

/** A file as it lies in the tree. */
export interface TreeFile {
  /** Bytes. */
  readonly size: number;
  /** When its content or its name last changed, ms of Unix time on the storage's clock. */
  readonly changedAt: number;
}

/** A half-written file that a killed process has left beside the bytes of a blob. */
export interface Leftover extends TreeFile {
  /** Below the root. */
  readonly path: string;
}

/** Something that lies where blobs do. The bytes of a blob are told by their place alone; nobody has read them. */
export type BlobEntry =
  | { readonly kind: 'blob'; readonly digest: Digest }
  | { readonly kind: 'leftover'; readonly leftover: Leftover }
  | { readonly kind: 'damaged'; readonly damage: TreeDamage };

/**
 * Something that names content. `names`: a link, by what it holds and by the folder in which it lies, or the body of a
 * manifest that a repository has. `damaged`: a link that says nothing; what its folder names was told. `hidden`: nobody
 * can look there, so whatever may lie behind it may name anything.
 */
export type NameEntry =
  | {
      readonly kind: 'names';
      readonly by: 'link' | 'manifest';
      /** Of the link, below the root. */
      readonly path: string;
      /** As it is called in the tree. */
      readonly repository: string;
      /** As text; for a manifest all that its body mentions. */
      readonly digests: readonly string[];
    }
  | { readonly kind: 'damaged' | 'hidden'; readonly damage: TreeDamage };

/** The folder of an upload, the reference registry's or our own. */
export interface UploadFolder {
  readonly repository: RepositoryName;
  readonly id: UploadId;
  /** Bytes that have arrived. */
  readonly size: number;
  /** When it began or was last written to, whichever is later; ms of Unix time. */
  readonly lastActiveAt: number;
}

/**
 * Everything that lies in the reference registry's tree, whoever has written it and whatever the database says. Lists
 * are read in pieces while they are asked for, so memory holds at most the names in some folders.
 *
 * Faults of the medium are thrown as StorageFault, unless they concern one path only: that is damage. Each iteration
 * rejects with the signal's reason when it is aborted.
 */
export interface TreeInventory {
  /** In the order of digests, strictly behind `after`. A folder in which nothing lies is passed over. */
  blobs(after: Digest | undefined, signal: AbortSignal): AsyncIterable<BlobEntry>;

  /** The bytes of a blob; undefined when there is no such file. */
  blobFile(digest: Digest): Promise<TreeFile | undefined>;

  /** No fault when it is gone. It may come back after a power loss. */
  removeLeftover(leftover: Leftover): Promise<void>;

  /**
   * Every link of every repository, those of a tag's past included, and every manifest that a repository has;
   * repository by repository.
   */
  names(signal: AbortSignal): AsyncIterable<NameEntry>;

  uploads(signal: AbortSignal): AsyncIterable<Found<UploadFolder>>;
}
