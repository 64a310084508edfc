import type { Digest } from '../../../domain/content/digest.js';
import type { Manifest } from '../../../domain/manifest/manifest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { StoredTag, TreeDamage } from '../storage/stored-tree.js';

/** How far the take-over of the tree has come. Times are ms of Unix time. */
export interface AdoptionProgress {
  readonly startedAt: number;
  /** Everything up to this repository is written, in byte order of its name in the tree; undefined before the first. */
  readonly lastRepository: string | undefined;
  readonly finishedAt: number | undefined;
}

export interface FoundBlob {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

export interface FoundManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Buffer;
  /** Undefined when it can be served, but what it references is not known. */
  readonly content: Manifest | undefined;
}

export type MovedTags = 'keep' | 'follow';

/** Some of what the tree says of one repository. */
export interface TreeFindings {
  readonly repository: RepositoryName;
  readonly blobs: readonly FoundBlob[];
  readonly manifests: readonly FoundManifest[];
  readonly tags: readonly StoredTag[];
  /** Whether a tag that the database points elsewhere stays, or follows the tree. */
  readonly movedTags: MovedTags;
  readonly unreadable: readonly TreeDamage[];
}

/** Rows that were not there before, and tags that moved, counted by kind. */
export interface AdoptedRows {
  readonly blobs: number;
  readonly links: number;
  readonly manifests: number;
  readonly tags: number;
}

export interface AdoptionOutcome {
  readonly rows: AdoptedRows;
  /** Of the tags found: those whose manifest the repository does not have. They are not written. */
  readonly dangling: readonly StoredTag[];
  /** Of the manifests found and understood: those that lack something they reference. They are served as they are. */
  readonly incomplete: readonly Digest[];
}

/**
 * Writes what was found in a tree that others have written. What the database knows already stays as it is (tags
 * as asked for), so everything may be written again. Nothing is noted in the journal: the tree says it already. Each method is one
 * transaction, which survives `kill -9`.
 */
export interface TreeAdoption {
  /** Undefined when none was ever begun. */
  progress(): Promise<AdoptionProgress | undefined>;

  /** Goes on where an earlier one ended, if there was one. */
  begin(now: number): Promise<AdoptionProgress>;

  /**
   * Blobs are linked unverified, and only an explicit `gc` looks whether what is new here is needed. A manifest's references are written as far as the
   * repository has what they name: give a manifest again when more of that has been written.
   */
  add(findings: TreeFindings, now: number): Promise<AdoptionOutcome>;

  /**
   * Forgets what was unreadable in the repository before and is not any more.
   * @param paths of all that is unreadable now
   */
  keepUnreadable(repository: RepositoryName, paths: ReadonlySet<string>): Promise<void>;

  /** @param repository its name in the tree */
  reach(repository: string): Promise<void>;

  finish(now: number): Promise<void>;
}
