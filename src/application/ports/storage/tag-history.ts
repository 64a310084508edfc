import type { Digest } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { TagName } from '../../../domain/tag/tag-name.js';

/** What tags of a tree have pointed at since they are there. Faults of the medium are thrown as StorageFault. */
export interface TagHistory {
  /** Whether the tag points at the digest, or did so before. */
  has(repository: RepositoryName, tag: TagName, target: Digest): Promise<boolean>;
}
