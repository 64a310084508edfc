import type { Digest } from '../../../domain/content/digest.js';
import type { LinkedName } from '../../../domain/repository/linked-name.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';

/** The first of a list, and whether there are more. */
export interface Some<T> {
  readonly items: readonly T[];
  readonly more: boolean;
}

/** One life of a digest, whatever names it. Times are ms of Unix time. */
export interface StoredContent {
  /** Bytes. */
  readonly size: number;
  /** `reserved`: its bytes are being placed, or a manifest's, or lost. `condemned`: they are being removed. */
  readonly state: 'reserved' | 'present' | 'condemned';
  /** Whether anybody has read the bytes whole and found that they have this digest. */
  readonly verified: boolean;
  /** When it is looked at; ON_REQUEST when only an explicit `gc` does; undefined when nothing has to. */
  readonly reviewAfter: number | undefined;
  /** Until when the claim of who removes it holds. */
  readonly claimedUntil: number | undefined;
}

/** A repository has the digest as a blob. */
export interface StoredLink {
  readonly linkedAt: number;
  /** As that of a content. */
  readonly reviewAfter: number | undefined;
}

/** A repository has the digest as a manifest. */
export interface StoredRevision {
  readonly mediaType: string;
  readonly pushedAt: number;
  /** As that of a content. */
  readonly reviewAfter: number | undefined;
  /** Whether the repository lacks something that it references. */
  readonly incomplete: boolean;
  readonly subject: Digest | undefined;
  /** In byte order. */
  readonly tags: Some<string>;
}

/** A repository that has a digest: as a blob, as a manifest, or as both. */
export interface Holder {
  /** Its row, by which the next page is asked for. */
  readonly row: number;
  readonly repository: RepositoryName;
  readonly link: StoredLink | undefined;
  readonly manifest: StoredRevision | undefined;
}

/** A manifest of a chain in which each holds the next. */
export interface ChainedManifest {
  readonly digest: Digest;
  /** How the one before holds it: as an index that lists it, or as its subject. Undefined for the first. */
  readonly heldBy: 'index' | 'subject' | undefined;
  readonly mediaType: string;
  readonly reviewAfter: number | undefined;
  readonly tags: Some<string>;
}

/**
 * What stands above a manifest. `tagged`: a chain from a manifest with a tag down to it. `untagged`: no tag reaches it;
 * `latest` is a chain from the one of them that is reviewed last (ON_REQUEST counts as never), if any has to be.
 * `onRequest` says whether something above it waits for an explicit `gc` and holds it meanwhile: `no`; `waits`;
 * `follows` when what stands above that goes earlier, which ends the waiting with a grace. `too-many`: so much stands
 * above it, or may, that nobody looks at all of it.
 */
export type ManifestStanding =
  | { readonly kind: 'tagged'; readonly chain: readonly ChainedManifest[] }
  | {
      readonly kind: 'untagged';
      readonly latest: readonly ChainedManifest[] | undefined;
      readonly onRequest: 'no' | 'waits' | 'follows';
    }
  | { readonly kind: 'too-many' };

/** A manifest that references a blob, with its bytes. */
export interface ReferencingManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** Something in the tree that can not be understood. */
export interface UnreadableThing {
  readonly path: string;
  /** The end of a sentence that begins with the path. */
  readonly reason: string;
}

/**
 * Who holds a digest, for whoever wants to know why it is kept. It reads only, and each answer is of its own moment.
 * Lists are cut off after `limit`.
 */
export interface ContentHolders {
  /** Undefined when the registry does not know the digest. */
  content(digest: Digest): Promise<StoredContent | undefined>;

  /** Repositories that have it, in the order of their rows, behind the row `after` (0 for the begin). */
  holders(digest: Digest, after: number, limit: number): Promise<readonly Holder[]>;

  /** Undefined when the repository does not have it. */
  holder(repository: RepositoryName, digest: Digest): Promise<Holder | undefined>;

  /**
   * Manifests of the repository that reference the blob. Undefined when that can not be told: too many of them lack
   * something to look for the blob in each.
   */
  referencing(
    repository: RepositoryName,
    blob: Digest,
    limit: number,
  ): Promise<Some<ReferencingManifest> | undefined>;

  /** Undefined when the repository does not have the manifest. */
  standing(repository: RepositoryName, manifest: Digest): Promise<ManifestStanding | undefined>;

  /** Things of the repository that can not be read: as long as there is one, all that it links may be needed. */
  unreadable(repository: RepositoryName, limit: number): Promise<Some<UnreadableThing>>;

  /** Things of any repository that can not be read and whose path is about the digest. */
  unreadableAbout(digest: Digest, limit: number): Promise<Some<UnreadableThing>>;

  /** Names whose link file may still hold the digest, since a change of it is not written yet. */
  pending(digest: Digest, limit: number): Promise<Some<LinkedName>>;
}
