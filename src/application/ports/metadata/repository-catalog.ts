import type { PageRequest } from './tag-index.js';

export interface RepositoryCatalog {
  /** Names of the repositories that have a manifest or a blob, in byte order. */
  page(page: PageRequest): Promise<readonly string[]>;
}
