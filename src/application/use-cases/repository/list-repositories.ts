import type { RepositoryCatalog } from '../../ports/metadata/repository-catalog.js';

/** Lists the repositories that hold something, in byte order (the catalog of Docker Registry v2). */
export class ListRepositories {
  readonly #catalog: RepositoryCatalog;

  constructor(catalog: RepositoryCatalog) {
    this.#catalog = catalog;
  }

  /** `more` says whether names follow the last one. */
  async execute(request: {
    after: string | undefined;
    limit: number;
  }): Promise<{ readonly repositories: readonly string[]; readonly more: boolean }> {
    const { after, limit } = request;
    if (limit === 0) return { repositories: [], more: false };
    const names = await this.#catalog.page({ after, limit: limit + 1 });
    return { repositories: names.slice(0, limit), more: names.length > limit };
  }
}
