import { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { Reviews } from '../../ports/metadata/reviews.js';
import type { AdoptionListener, RepositoryAdoption } from '../../services/repository-adoption.js';

const PAGE = 100;
const NEVER = new AbortController().signal;
const NOBODY: AdoptionListener = { added: () => undefined, damaged: () => undefined };

/** Reads repositories again in which something could not be read: what was put right holds nothing any more. */
export class ReadAgain {
  readonly #reviews: Reviews;
  readonly #adoption: RepositoryAdoption;

  constructor(reviews: Reviews, adoption: RepositoryAdoption) {
    this.#reviews = reviews;
    this.#adoption = adoption;
  }

  /**
   * Call it while nobody collects: names are taken in.
   * @throws StorageFault, MetadataUnavailable
   */
  async execute(): Promise<void> {
    for (let after = 0; ;) {
      const page = await this.#reviews.unreadable(after, PAGE);
      for (const { row, repository } of page) {
        after = row;
        await this.#adoption.adopt(RepositoryName.parseExisting(repository), NOBODY, NEVER);
      }
      if (page.length < PAGE) return;
    }
  }
}
