import type { Digest } from '../../../domain/content/digest.js';
import type { LinkedName } from '../../../domain/repository/linked-name.js';

/** A name that was changed, and whose link files may not follow yet. */
export interface PendingName {
  /** The row of the change; a later one has a higher one. */
  readonly id: number;
  readonly name: LinkedName;
}

/** What a transaction has just made of a name. */
export interface NameChange extends PendingName {
  /** Undefined when the name is gone. */
  readonly given: LinkValue | undefined;
  /** The rows that say so. */
  readonly rows: LinkedRows;
  /** Of a small blob that was pushed just now: what `waiting` would say. */
  readonly waiting?: WaitingBytes;
}

/** The rows of a repository, and of the content that a name of it points at. */
export interface LinkedRows {
  readonly repositoryId: number;
  readonly contentId: number;
}

/** Bytes of a blob that the database keeps until the storage has them durably. */
export interface WaitingBytes {
  readonly contentId: number;
  readonly bytes: Uint8Array;
}

/** A change whose links are durable in the storage. */
export interface WrittenChange {
  readonly id: number;
  /** The content whose waiting bytes are durable there as well. */
  readonly placed?: number | undefined;
}

/** A change that the process which made it did not live to write. */
export interface AbandonedChange extends PendingName {
  /** What the link held before; undefined when there was none. */
  readonly replaced: Digest | undefined;
  /** What a tag was given; undefined when it was deleted, and for other names. */
  readonly given: Digest | undefined;
}

/** What the database says of a name. */
export interface LinkValue {
  readonly target: Digest;
  /** Of a revision: the bytes that were pushed, and under which media type. */
  readonly manifest?: { readonly bytes: Uint8Array; readonly mediaType: string };
}

/**
 * The names whose link files have to follow the database, each noted by the transaction that changed it. Who has
 * written a link looks whether the database still says the same, so the tree can not end with the older of two values.
 */
export interface NameJournal {
  /** Undefined when the name is gone. Never answered from a cache. */
  value(name: LinkedName): Promise<LinkValue | undefined>;

  /**
   * Whether the name is what the change has made of it. Cheaper than its value, which has to be asked for when it is
   * not: there may be a newer link, to another life of the digest.
   */
  stands(change: NameChange): Promise<boolean>;

  /** Whether there is such a name. Cheaper than its value. */
  has(name: LinkedName): Promise<boolean>;

  /** Whether the storage may not say of the name yet, or not durably, what the database says: a change has its row. */
  isPending(name: LinkedName): Promise<boolean>;

  /** Undefined when the storage has the blob's bytes, or there is no such blob. */
  waiting(digest: Digest): Promise<WaitingBytes | undefined>;

  /**
   * Removes rows, once what they speak of is durable in the storage, and waiting bytes with the row of the change that
   * brought them: as long as that is there, its process may put a file over a durable one that is not durable itself.
   */
  forget(changes: readonly WrittenChange[]): Promise<void>;

  /** Rows of processes that have ended, in the order of their changes, behind the row `after`. */
  abandoned(after: number, limit: number): Promise<readonly AbandonedChange[]>;
}
