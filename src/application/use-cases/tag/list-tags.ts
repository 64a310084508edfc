import { NameUnknown, type RepositoryName } from '../../../domain/repository/repository-name.js';
import type { TagIndex } from '../../ports/metadata/tag-index.js';
import { nextTurn } from '../../services/next-turn.js';

/** How many names are read from the index at a time, so that a list of any length needs the memory of one piece. */
const PIECE = 1000;

/** A list in pieces, each in byte order and behind the one before. `more` says whether entries follow the last one. */
export type TagList =
  | { readonly kind: 'page'; readonly tags: readonly string[]; readonly more: boolean }
  | { readonly kind: 'all'; readonly pieces: AsyncIterable<readonly string[]> };

/** Lists the tags of a repository in byte order (OCI end-8). */
export class ListTags {
  readonly #tags: TagIndex;

  constructor(tags: TagIndex) {
    this.#tags = tags;
  }

  /**
   * @param request.limit how many; undefined for all of them
   * @throws NameUnknown
   */
  async execute(request: {
    repository: RepositoryName;
    after: string | undefined;
    limit: number | undefined;
  }): Promise<TagList> {
    const { repository, after, limit } = request;
    const exists = await this.#tags.repositoryExists(repository);
    if (!exists) throw new NameUnknown(repository.toString());
    if (limit === undefined) return { kind: 'all', pieces: this.#pieces(repository, after) };
    if (limit === 0) return { kind: 'page', tags: [], more: false };
    const tags = await this.#tags.page(repository, { after, limit: limit + 1 });
    return { kind: 'page', tags: tags.slice(0, limit), more: tags.length > limit };
  }

  async *#pieces(repository: RepositoryName, start: string | undefined): AsyncIterable<readonly string[]> {
    let after = start;
    for (;;) {
      const tags = await this.#tags.page(repository, { after, limit: PIECE });
      if (tags.length > 0) yield tags;
      if (tags.length < PIECE) return;
      after = tags.at(-1);
      // The client may take a piece as fast as it comes, so that there is nothing else to wait for.
      await nextTurn();
    }
  }
}
