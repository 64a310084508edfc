import type { Digest } from '../../../domain/content/digest.js';
import type { LinkedName } from '../../../domain/repository/linked-name.js';
import type { StorageWriter } from './storage-driver.js';

/** A name, as another tree has it. */
export interface CopiedName {
  readonly name: LinkedName;
  /** What its link says: of a blob or a manifest its own digest. */
  readonly target: Digest;
  /** Of a manifest: the media type that was declared for it, where its bytes do not tell it. */
  readonly declared: string | undefined;
}

/**
 * The tree that another one is copied into, by one process, and that nobody serves meanwhile. Faults of the medium are
 * thrown as StorageFault.
 */
export interface CopyTarget {
  /**
   * To be called first. When it resolves, the beginning is noted, until `clear`.
   * @returns whether a copy before did not come to its end: what it has written last may not survive a power loss yet
   */
  begin(): Promise<boolean>;

  /** Opens a place beside the tree for a blob's bytes, from their beginning, over what an earlier copy has left there. */
  openWriter(digest: Digest): Promise<StorageWriter>;

  /**
   * Moves what was written there, flushed and verified, to the digest's path, over whatever is there. When it resolves,
   * the blob survives a power loss.
   */
  place(digest: Digest): Promise<void>;

  /** Removes what was written there. */
  discard(digest: Digest): Promise<void>;

  /** When it resolves, a blob that is at its digest's path survives a power loss. */
  keep(digest: Digest): Promise<void>;

  /**
   * Makes the link say so, as the last of what is written. A tag's history then has the digest as well. Whoever reads
   * sees the old or the new; it is not durable before `flush`.
   */
  link(name: CopiedName): Promise<void>;

  /** When it resolves, these links survive a power loss. After a failure nothing is known of any of them. */
  flush(names: readonly CopiedName[]): Promise<void>;

  /** Ends the copy: removes everything that is noted, and what was left, beside the tree. */
  clear(): Promise<void>;

  /** Where a blob's bytes are, in this tree and in every other: for TreeDamage.path. */
  pathOf(digest: Digest): string;
}
