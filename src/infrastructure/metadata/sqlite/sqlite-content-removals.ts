import type {
  Claim,
  Condemnation,
  ContentRemovals,
  DueContent,
  ExpiredClaim,
} from '../../../application/ports/metadata/content-removals.js';
import type { DuePage, ReviewMoment } from '../../../application/ports/metadata/reviews.js';
import type { ClaimToken } from '../../../application/ports/storage/blob-removal.js';
import type { Digest } from '../../../domain/content/digest.js';
import { ON_REQUEST } from '../../../domain/lifecycle/grace.js';
import { RepositoryName } from '../../../domain/repository/repository-name.js';
import { contentStatements } from '../sql/content-statements.js';
import { CONTENT_STATE } from '../sql/content-state.js';
import { decodeDigest, encodeDigest } from '../sql/digest-codec.js';
import { lookStatements } from '../sql/look-statements.js';
import { removalStatements } from '../sql/removal-statements.js';
import { reviewStatements } from '../sql/review-statements.js';
import { CollectionLooks } from './collection-looks.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** How long (ms) a content waits whose link files are not written yet. */
const PENDING = 60_000;

export class SqliteContentRemovals implements ContentRemovals {
  readonly #database: SqliteDatabase;
  readonly #looks: CollectionLooks;
  readonly #due;
  readonly #former;
  readonly #state;
  readonly #review;
  readonly #condemn;
  readonly #expired;
  readonly #expiredOf;
  readonly #takeOver;
  readonly #forget;
  readonly #held;
  readonly #insert;
  readonly #lostBy;
  readonly #isClaimed;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#looks = new CollectionLooks(database, lookStatements);
    this.#due = database.prepare(removalStatements.due);
    this.#former = database.prepare(removalStatements.formerRepositories);
    this.#state = database.prepare(removalStatements.state);
    this.#review = database.prepare(reviewStatements.setContent);
    this.#condemn = database.prepare(removalStatements.condemn);
    this.#expired = database.prepare(removalStatements.expired);
    this.#expiredOf = database.prepare(removalStatements.expiredOf);
    this.#takeOver = database.prepare(removalStatements.takeOver);
    this.#forget = database.prepare(removalStatements.forget);
    this.#held = database.prepare(removalStatements.held);
    this.#insert = database.prepare(contentStatements.insert);
    this.#lostBy = database.prepare(contentStatements.lostBy);
    this.#isClaimed = database.prepare(removalStatements.isClaimed);
  }

  async dueContents({ dueUntil, after, limit }: DuePage): Promise<readonly DueContent[]> {
    const [review, , id] = after ?? [-1, 0, 0];
    return this.#due.all(dueUntil, review, id, limit).map((row) => ({
      id: row.id,
      digest: decodeDigest(row.digest),
      size: row.size,
      cursor: [row.review_after ?? 0, 0, row.id],
    }));
  }

  async formerRepositories(id: number): Promise<readonly RepositoryName[]> {
    return this.#former.all(id).map(({ name }) => RepositoryName.parseExisting(name));
  }

  condemn(
    contents: readonly DueContent[],
    claim: Claim,
    moment: ReviewMoment,
  ): Promise<readonly Condemnation[]> {
    return this.#database.transaction(() =>
      contents.map((content) => this.#condemnOne(content, claim, moment)),
    );
  }

  async expired(now: number, limit: number): Promise<readonly ExpiredClaim[]> {
    return this.#expired.all(now, limit).map(toExpiredClaim);
  }

  async expiredOf(digest: Digest, now: number): Promise<ExpiredClaim | undefined> {
    const row = this.#expiredOf.get(encodeDigest(digest), now);
    return row && toExpiredClaim(row);
  }

  takeOver({ id, token }: ExpiredClaim, claim: Claim, now: number): Promise<boolean> {
    return this.#database.transaction(
      () => this.#takeOver.change(id, token, claim.token, claim.until, now) > 0,
    );
  }

  forget(ids: readonly number[], token: ClaimToken): Promise<number> {
    return this.#database.transaction(() =>
      ids.reduce((forgotten, id) => forgotten + this.#forget.change(id, token), 0),
    );
  }

  release(id: number, token: ClaimToken, reviewAfter: number): Promise<void> {
    return this.#database.transaction(() => {
      const held = this.#held.get(id, token);
      if (held === undefined) return;
      const formerRepositories = this.#former.all(id);
      // A new life: a push that reserved the old one may have placed its bytes before an earlier holder removed them.
      this.#forget.run(id, token);
      const anew = this.#insert.insert(held.digest, held.size, CONTENT_STATE.reserved, reviewAfter);
      for (const repository of formerRepositories) this.#lostBy.run(anew, repository.id);
    });
  }

  async isClaimed(token: ClaimToken): Promise<boolean> {
    return this.#isClaimed.get(token) !== undefined;
  }

  #condemnOne({ id, digest }: DueContent, claim: Claim, { now, dueUntil }: ReviewMoment): Condemnation {
    const row = this.#state.get(id);
    if (row === undefined || row.state === CONTENT_STATE.condemned) return 'not-due';
    if (row.review_after === null || row.review_after > dueUntil) return 'not-due';
    const need = this.#looks.content(id, digest);
    switch (need) {
      case undefined:
        this.#condemn.run(id, claim.token, claim.until);
        return 'condemned';
      case 'referenced':
        this.#review.run(id, null);
        return need;
      case 'pending':
        this.#review.run(id, Math.max(row.review_after, now + PENDING));
        return need;
      case 'unreadable':
        this.#review.run(id, ON_REQUEST);
        return need;
    }
  }
}

function toExpiredClaim(row: {
  readonly id: number;
  readonly digest: Uint8Array;
  readonly size: number;
  readonly claim: Uint8Array | null;
}): ExpiredClaim {
  return {
    id: row.id,
    digest: decodeDigest(row.digest),
    size: row.size,
    token: Buffer.from(row.claim ?? []),
  };
}
