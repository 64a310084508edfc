import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { Reviews } from '../../ports/metadata/reviews.js';

/**
 * Lets what can not be read in a repository hold nothing any more. The files stay in the tree; a later adoption of the
 * repository finds them again.
 */
export class DropUnreadable {
  readonly #reviews: Reviews;

  constructor(reviews: Reviews) {
    this.#reviews = reviews;
  }

  /** @returns how many things that were; 0 when there are none, or no such repository */
  execute(repository: RepositoryName): Promise<number> {
    return this.#reviews.dropUnreadable(repository);
  }
}
