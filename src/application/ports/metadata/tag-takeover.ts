import type { Digest } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { TagName } from '../../../domain/tag/tag-name.js';

/** A tag that the tree points elsewhere than the database. */
export interface MovedTag {
  readonly repository: RepositoryName;
  readonly tag: TagName;
  /** Where the database points it. */
  readonly from: Digest;
  /** Where the tree does. */
  readonly to: Digest;
}

/** Lets tags follow the tree. Nothing is noted in the journal: the tree says it already. */
export interface TagTakeover {
  /** False when the tag has moved meanwhile, or the repository has no such manifest: nothing is changed then. */
  follow(moved: MovedTag, now: number): Promise<boolean>;
}
