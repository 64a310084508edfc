import type { LinkedName } from '../../domain/repository/linked-name.js';
import type { RepositoryName } from '../../domain/repository/repository-name.js';
import { TagName } from '../../domain/tag/tag-name.js';
import type { RepositoryCatalog } from '../ports/metadata/repository-catalog.js';
import type { RowPage, StoredNames, StoredRow } from '../ports/metadata/stored-names.js';
import type { TagIndex } from '../ports/metadata/tag-index.js';

const PAGE = 1_000;

/** Everything that the database names, a page at a time. */
export class DatabaseNames {
  readonly #catalog: RepositoryCatalog;
  readonly #tags: TagIndex;
  readonly #names: StoredNames;

  constructor(catalog: RepositoryCatalog, tags: TagIndex, names: StoredNames) {
    this.#catalog = catalog;
    this.#tags = tags;
    this.#names = names;
  }

  /** Repositories that have a blob or a manifest, in byte order. */
  repositories(): AsyncIterable<string> {
    return pages<string, string>(
      (after) => this.#catalog.page({ after, limit: PAGE }),
      (name) => name,
    );
  }

  /** The tags, manifests or blobs of a repository. */
  async *names(repository: RepositoryName, kind: LinkedName['kind']): AsyncGenerator<LinkedName> {
    const text = repository.toString();
    if (kind === 'tag') {
      const page = (after: string | undefined) => this.#tags.page(repository, { after, limit: PAGE });
      for await (const tag of pages(page, (name) => name)) {
        yield { kind, repository, tag: TagName.parse(tag) };
      }
      return;
    }
    const page = (request: RowPage): Promise<readonly StoredRow[]> =>
      kind === 'layer' ? this.#names.layers(text, request) : this.#names.revisions(text, request);
    const rows = pages(
      (after: number | undefined) => page({ after: after ?? 0, limit: PAGE }),
      ({ row }) => row,
    );
    for await (const { digest } of rows) yield { kind, repository, digest };
  }
}

/** Everything that pages of a list give, one page at a time. */
async function* pages<T, K>(
  page: (after: K | undefined) => Promise<readonly T[]>,
  keyOf: (item: T) => K,
): AsyncGenerator<T> {
  for (let after: K | undefined; ;) {
    const items = await page(after);
    yield* items;
    const last = items.at(-1);
    if (last === undefined || items.length < PAGE) return;
    after = keyOf(last);
  }
}
