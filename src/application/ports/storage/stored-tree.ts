import type { Digest } from '../../../domain/content/digest.js';
import type { LinkedName } from '../../../domain/repository/linked-name.js';

/** Something in the tree that can not be served as it is. */
export interface TreeDamage {
  /** Below the root. */
  readonly path: string;
  /** The repository that it belongs to, as it is called in the tree. */
  readonly repository: string | undefined;
  /** What is wrong with it, as the end of a sentence: `is cut off`, `names no digest`. */
  readonly reason: string;
}

export type Found<T> =
  { readonly kind: 'found'; readonly value: T } | { readonly kind: 'damaged'; readonly damage: TreeDamage };

export interface StoredTag {
  readonly name: string;
  readonly digest: Digest;
}

/**
 * What the tree says of one repository. Whoever keeps it may be told of everything as it was when it was first asked for
 * something: ask for a new one to look again.
 */
export interface StoredRepository {
  /** In no order. The revision that a tag names need not be there. */
  tags(signal: AbortSignal): AsyncIterable<Found<StoredTag>>;

  /** The manifests that the repository has. Their bytes need not be there. */
  revisions(signal: AbortSignal): AsyncIterable<Found<Digest>>;

  /** The blobs that the repository has. Their bytes need not be there. */
  layers(signal: AbortSignal): AsyncIterable<Found<Digest>>;

  /** The media type that a push declared and the body does not tell; undefined when none is noted. */
  declaredMediaType(digest: Digest): Promise<string | undefined>;
}

/**
 * What the reference registry's tree says, read only. Lists are read in pieces while they are asked for, so memory
 * holds at most the names in one folder. A link that was taken away leaves its folder, and a write that was cut off its
 * temporary file: neither is damage. Symbolic links are followed.
 *
 * Faults of the medium are thrown as StorageFault, unless they concern one path only: that is damage. Each method
 * rejects with the signal's reason when it is aborted.
 */
export interface StoredTree {
  /**
   * Every folder that holds `_layers` or `_manifests`, in byte order of its name, strictly behind `after`. Names are as
   * they are, not yet held against the grammar.
   * @param onDamage is told of what lies between the repositories and can be none
   */
  repositories(
    after: string | undefined,
    signal: AbortSignal,
    onDamage?: (damage: TreeDamage) => void,
  ): AsyncIterable<string>;

  /** @param name as it is called in the tree */
  repository(name: string): StoredRepository;

  /**
   * The manifest's bytes; undefined when they are not there.
   * @throws StorageFault when they can not be read or are more than 4 MiB
   */
  manifestBytes(digest: Digest): Promise<Uint8Array | undefined>;

  /** Bytes; undefined when there is no file. */
  blobSize(digest: Digest): Promise<number | undefined>;

  /**
   * For who will ask for the size of nearly every blob: where one look tells many sizes they are learnt now, and
   * `blobSize` gives what was learnt, of blobs that have gone meanwhile too. What was not there is looked at.
   * @returns to be called when they are not needed any more
   */
  learnBlobs(signal: AbortSignal): Promise<() => void>;

  /** Where a name is told, or a repository by its name in the tree, for TreeDamage.path. */
  pathOf(name: LinkedName | string): string;
}
