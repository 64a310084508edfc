import type {
  DueName,
  DuePage,
  RequestedTimes,
  UnreadableRepository,
  YoungContent,
} from '../../../application/ports/metadata/reviews.js';
import { RepositoryName } from '../../../domain/repository/repository-name.js';
import { decodeDigest } from '../sql/digest-codec.js';
import { reviewStatements } from '../sql/review-statements.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Before everything that is due. */
const BEGIN = [-1, 0, 0] as const;

interface NameRow {
  readonly repository_id: number;
  readonly repository: string;
  readonly content_id: number;
  readonly digest: Uint8Array;
  readonly size: number;
  readonly review_after: number;
}

/** What waits for a review, and since when. Changes nothing. */
export class DueNames {
  readonly #dueLinks;
  readonly #dueManifests;
  readonly #counts;
  readonly #young;
  readonly #unreadable;

  constructor(database: SqliteDatabase) {
    this.#dueLinks = database.prepare(reviewStatements.dueLinks);
    this.#dueManifests = database.prepare(reviewStatements.dueManifests);
    this.#counts = {
      links: database.prepare(reviewStatements.countDueLinks),
      manifests: database.prepare(reviewStatements.countDueManifests),
      contents: database.prepare(reviewStatements.countDueContents),
    };
    this.#young = database.prepare(reviewStatements.young);
    this.#unreadable = database.prepare(reviewStatements.unreadable);
  }

  count({ links, others }: RequestedTimes, { untagged }: { readonly untagged: boolean }): number {
    const { links: dueLinks, manifests, contents } = this.#counts;
    const due = [dueLinks.get(links), contents.get(others), ...(untagged ? [manifests.get(others)] : [])];
    return due.reduce((sum, row) => sum + (row?.due ?? 0), 0);
  }

  links({ dueUntil, after, limit }: DuePage): readonly DueName[] {
    return this.#dueLinks.all(dueUntil, ...(after ?? BEGIN), limit).map(toDueName);
  }

  manifests({ dueUntil, after, limit }: DuePage): readonly DueName[] {
    return this.#dueManifests.all(dueUntil, ...(after ?? BEGIN), limit).map(toDueName);
  }

  young(dueUntil: number): YoungContent {
    const row = this.#young.get(dueUntil);
    return { blobs: row?.blobs ?? 0, bytes: row?.bytes ?? 0, until: row?.until ?? 0 };
  }

  unreadable(after: number, limit: number): readonly UnreadableRepository[] {
    return this.#unreadable
      .all(after, limit)
      .map(({ repository_id: row, name, count }) => ({ row, repository: name, count }));
  }
}

export function toDueName(row: NameRow): DueName {
  return {
    repository: RepositoryName.parseExisting(row.repository),
    digest: decodeDigest(row.digest),
    size: row.size,
    cursor: [row.review_after, row.repository_id, row.content_id],
  };
}
