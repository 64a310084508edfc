import type { Digest } from '../../../domain/content/digest.js';
import type { Manifest } from '../../../domain/manifest/manifest.js';
import type { RegistryEvent } from '../../../domain/events/registry-event.js';
import type { Reference } from '../../../domain/manifest/reference.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { TagName } from '../../../domain/tag/tag-name.js';
import type { NameChange } from './name-journal.js';

/** What a repository says of a manifest, without its bytes. */
export interface ManifestEntry {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
}

/** A manifest with the bytes that were pushed. It never changes, so one object may serve many requests. */
export interface StoredManifest extends ManifestEntry {
  readonly bytes: Buffer;
}

/**
 * `stored`: rows, references and tags are written. `missing`: the repository lacks these references, nothing is
 * written. `condemned`: collection is removing the digest; wait and try again.
 */
export type PutOutcome =
  | { readonly kind: 'stored'; readonly changes: readonly NameChange[] }
  | { readonly kind: 'missing'; readonly digests: readonly string[] }
  | { readonly kind: 'condemned' };

export type DeleteOutcome =
  | { readonly kind: 'deleted'; readonly changes: readonly NameChange[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'listed'; readonly indexes: readonly Digest[] };

/**
 * Manifests by repository, with their bytes and what they reference. Each method is one transaction; nothing it says
 * is durable, and no link file follows, before the changes it returns have been published.
 */
export interface ManifestIndex {
  /** What the reference names at this moment; never answered from a cache. Undefined when it names nothing. */
  find(repository: RepositoryName, reference: Reference): Promise<ManifestEntry | undefined>;

  /** The same with the bytes, which may come from a cache since a digest's bytes never change. */
  load(repository: RepositoryName, reference: Reference): Promise<StoredManifest | undefined>;

  /**
   * Writes the manifest and points the tags at it. A reference to a manifest (children) may be satisfied by a
   * manifest or, as old build caches have it, by a blob of the repository. With `sparse`, missing references are no
   * obstacle.
   * @param push.events go into the outbox when it is stored
   */
  put(push: {
    readonly repository: RepositoryName;
    readonly manifest: Manifest;
    readonly tags: readonly TagName[];
    readonly sparse: boolean;
    readonly now: number;
    readonly events?: readonly RegistryEvent[];
  }): Promise<PutOutcome>;

  /**
   * Deletes a manifest and the tags that point at it, unless an index of the repository lists it.
   * @param tell gets these tags, and gives the events that go into the outbox
   */
  delete(
    repository: RepositoryName,
    digest: Digest,
    now: number,
    tell?: (tags: readonly TagName[]) => readonly RegistryEvent[],
  ): Promise<DeleteOutcome>;
}
