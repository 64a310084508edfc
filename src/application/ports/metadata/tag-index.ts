import type { RegistryEvent } from '../../../domain/events/registry-event.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { TagName } from '../../../domain/tag/tag-name.js';
import type { NameChange } from './name-journal.js';

/** A part of a list in byte order: at most `limit` entries strictly behind `after`. */
export interface PageRequest {
  readonly after: string | undefined;
  readonly limit: number;
}

export interface TagIndex {
  /** Whether the repository has a manifest or a blob; only then it exists for clients. */
  repositoryExists(repository: RepositoryName): Promise<boolean>;

  /** Tags in byte order; `after` need not be one of them. */
  page(repository: RepositoryName, page: PageRequest): Promise<readonly string[]>;

  /**
   * Deletes the tag alone, never its manifest. Undefined when there is none.
   * @param events go into the outbox when it is deleted
   */
  delete(
    repository: RepositoryName,
    tag: TagName,
    now: number,
    events?: readonly RegistryEvent[],
  ): Promise<readonly NameChange[] | undefined>;
}
