import type { Digest } from '../../../domain/content/digest.js';

/** A part of a list in the order of its rows: at most `limit` entries strictly behind the row `after`. */
export interface RowPage {
  /** 0 for the begin. */
  readonly after: number;
  readonly limit: number;
}

export interface StoredRow {
  readonly row: number;
  readonly digest: Digest;
}

/**
 * What the database has of a repository, for whoever walks all of it. Pages are in the order of rows: ordering by digest
 * would cost a sort of the whole repository for each page.
 */
export interface StoredNames {
  revisions(repository: string, page: RowPage): Promise<readonly StoredRow[]>;
  layers(repository: string, page: RowPage): Promise<readonly StoredRow[]>;
}
