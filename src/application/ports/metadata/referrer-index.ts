import type { Digest } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { StoredManifest } from './manifest-index.js';

/** A part of a subject's referrers, in an order that is stable as long as the database is the same. */
export interface ReferrerPageRequest {
  readonly repository: RepositoryName;
  readonly subject: Digest;
  /** Only these artifact types; empty for all. */
  readonly artifactTypes: readonly string[];
  /** Strictly behind this referrer. */
  readonly after: Digest | undefined;
  readonly limit: number;
}

export interface ReferrerIndex {
  /**
   * Manifests whose subject is the digest, whether or not the subject exists. Undefined when `after` is no referrer of
   * it (any more): the place in the list is lost.
   */
  page(request: ReferrerPageRequest): Promise<readonly StoredManifest[] | undefined>;
}
