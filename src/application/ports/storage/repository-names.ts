import type { LinkedName } from '../../../domain/repository/linked-name.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';

/**
 * Which manifests and tags a repository of the tree seems to have, by its folders alone: no link is read, and whether
 * one is there is not looked at. Faults of the medium are thrown as StorageFault.
 */
export interface RepositoryNames {
  /**
   * When a manifest came that was not there before, or a tag came or went, for the last time: ms of Unix time on the
   * storage's clock; undefined when there is neither, Infinity when something can not be looked at and may have changed
   * at any time. A manifest that comes back under no tag, into the folder that it has left, does not show.
   * @param eachTag also when a tag moved or was written again, which costs a look at each of them
   */
  changedAt(repository: RepositoryName, eachTag: boolean): Promise<number | undefined>;

  /** Whether the link of any of these is there. One look for all of them. */
  isAnyLinked(names: readonly LinkedName[]): Promise<boolean>;

  /** The manifests and tags that have a folder; in no order. */
  names(repository: RepositoryName): Promise<Iterable<LinkedName>>;
}
