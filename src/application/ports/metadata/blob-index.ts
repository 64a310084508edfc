import type { Blob } from '../../../domain/content/blob.js';
import type { Digest } from '../../../domain/content/digest.js';
import type { RegistryEvent } from '../../../domain/events/registry-event.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';
import type { NameChange } from './name-journal.js';

/** A blob as a repository has it. */
export interface BlobLink {
  readonly size: number;
  /** When it is looked at by collection, ms of Unix time; undefined once it has seen that a manifest references it. */
  readonly reviewAfter: number | undefined;
}

/** A verified upload on its way to becoming a blob of a repository. */
export interface BlobPush {
  readonly repository: RepositoryName;
  readonly blob: Blob;
  /** The session that brought it, if there is one; it is closed in the transaction that makes the link. */
  readonly upload: UploadId | undefined;
  readonly now: number;
  /** They go into the outbox in the same transaction. */
  readonly events?: readonly RegistryEvent[];
}

/** A blob that was found to be mounted. */
export interface MountedBlob {
  /** Bytes. */
  readonly size: number;
  /** The repository that it comes from. */
  readonly source: string;
}

/**
 * `reserved`: the bytes are to be placed now, over those that nobody has verified if there are any, and `commit` with
 * this id finishes the push. `adopted`: the registry has the bytes already, verified; the link is made and the session closed. `condemned`: collection is removing the digest; wait
 * and reserve again.
 */
export type Reservation =
  | { readonly kind: 'reserved'; readonly contentId: number }
  | { readonly kind: 'adopted'; readonly changes: readonly NameChange[] }
  | { readonly kind: 'condemned' };

/** `stored`: the database keeps the bytes, and who publishes the changes places them. The others as of a reservation. */
export type StoreOutcome =
  | { readonly kind: 'stored' | 'adopted'; readonly changes: readonly NameChange[] }
  | { readonly kind: 'condemned' };

export type UnlinkOutcome =
  | { readonly kind: 'unlinked'; readonly changes: readonly NameChange[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'referenced'; readonly manifests: readonly Digest[] };

/**
 * Which repository has which blob. Each method is one transaction; nothing it says is durable, and no link file
 * follows, before the changes it returns have been published. Protocol: reserve, place, commit, so that collection can run
 * beside pushes.
 */
export interface BlobIndex {
  /** Undefined when the repository does not have it, whatever others have. */
  find(repository: RepositoryName, digest: Digest): Promise<BlobLink | undefined>;

  /** Sets the link's review time; false when the link is gone. */
  renew(repository: RepositoryName, digest: Digest, reviewAfter: number): Promise<boolean>;

  reserve(push: BlobPush): Promise<Reservation>;

  /**
   * Makes the placed bytes present and linked, and closes the session. Undefined when the reservation ran out: nothing
   * may be acknowledged.
   */
  commit(push: BlobPush, contentId: number): Promise<readonly NameChange[] | undefined>;

  /** Takes a small blob in with its bytes: nothing has to be placed before. For a storage that is not durable at once. */
  store(push: BlobPush, bytes: Uint8Array): Promise<StoreOutcome>;

  /**
   * Links a blob that `source` has, with `anywhere` any repository for which `mayUse` holds; undefined when it can not be
   * had there. Of the repositories that have it 100 are looked at.
   */
  mount(mount: {
    readonly digest: Digest;
    readonly source: RepositoryName | 'anywhere';
    /** By name: whether a repository may be pulled. */
    readonly mayUse: (repository: string) => boolean;
    readonly target: RepositoryName;
    readonly now: number;
    /** Gives the events that go into the outbox. */
    readonly tell?: (mounted: MountedBlob) => readonly RegistryEvent[];
  }): Promise<readonly NameChange[] | undefined>;

  /**
   * Takes the blob out of the repository, unless a manifest there references it: the outcome then names some.
   * @param events go into the outbox when it is taken out
   */
  unlink(
    repository: RepositoryName,
    digest: Digest,
    now: number,
    events?: readonly RegistryEvent[],
  ): Promise<UnlinkOutcome>;
}
