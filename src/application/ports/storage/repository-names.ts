import type { LinkedName } from '../../../domain/repository/linked-name.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';

/**
 * Which manifests and tags a repository of the tree seems to have, by its folders alone: no link is read, and whether
 * one is there is not looked at. Faults of the medium are thrown as StorageFault.
 */
export interface RepositoryNames {
  /**
   * When the folder of a manifest or a tag came or went for the last time: ms of Unix time on the storage's clock. One
   * look, however much is there; undefined when there is neither. A tag that moves does not show, nor does a manifest
   * that comes back into the folder that it has left.
   */
  changedAt(repository: RepositoryName): Promise<number | undefined>;

  /** When a tag came, went or moved for the last time. Looks at each tag. */
  tagsMovedAt(repository: RepositoryName): Promise<number | undefined>;

  /** The manifests and tags that have a folder; in no order. */
  names(repository: RepositoryName): Promise<Iterable<LinkedName>>;
}
