import type {
  Claim,
  Condemnation,
  ContentRemovals,
  DueContent,
} from '../../../application/ports/metadata/content-removals.js';
import type { DuePage, ReviewMoment } from '../../../application/ports/metadata/reviews.js';
import { ON_REQUEST } from '../../../domain/lifecycle/grace.js';
import { decodeDigest } from '../sql/digest-codec.js';
import { rehearsedLookStatements } from '../sql/look-statements.js';
import { rehearsalStatements } from '../sql/rehearsal-statements.js';
import { removalStatements } from '../sql/removal-statements.js';
import { CollectionLooks } from './collection-looks.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Where the contents begin that the rehearsal itself has made due. */
const NEXT = Infinity;

/** Says which contents would be condemned, after the reviews that RehearsedReviews has rehearsed on the same connection. */
export class RehearsedContentRemovals implements Pick<
  ContentRemovals,
  'dueContents' | 'formerRepositories' | 'condemn'
> {
  readonly #database: SqliteDatabase;
  readonly #looks: CollectionLooks;
  readonly #due;
  readonly #next;
  readonly #state;
  readonly #lose;

  /** @param database that of the rehearsed reviews, made before */
  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#looks = new CollectionLooks(database, rehearsedLookStatements);
    this.#due = database.prepare(removalStatements.due);
    this.#next = database.prepare(rehearsalStatements.nextContents);
    this.#state = database.prepare(removalStatements.state);
    this.#lose = database.prepare(rehearsalStatements.loseContent);
  }

  /** Nothing goes, so nobody has to look there. */
  async formerRepositories(): Promise<readonly never[]> {
    return [];
  }

  async dueContents({ dueUntil, after, limit }: DuePage): Promise<readonly DueContent[]> {
    const [review, , id] = after ?? [-1, 0, 0];
    const due = review <= dueUntil ? this.#due.all(dueUntil, review, id, limit) : [];
    if (due.length > 0) {
      return due.map((row) => ({
        id: row.id,
        digest: decodeDigest(row.digest),
        size: row.size,
        cursor: [row.review_after ?? 0, 0, row.id],
      }));
    }
    return this.#next.all(review === NEXT ? id : 0, limit).map((row) => ({
      id: row.id,
      digest: decodeDigest(row.digest),
      size: row.size,
      cursor: [NEXT, 0, row.id],
    }));
  }

  async condemn(
    contents: readonly DueContent[],
    _claim: Claim,
    { dueUntil }: ReviewMoment,
  ): Promise<readonly Condemnation[]> {
    return this.#database.snapshot(() =>
      contents.map(({ id, digest }) => {
        if (this.#isYoung(id, dueUntil)) return 'not-due';
        const need = this.#looks.content(id, digest);
        if (need !== undefined) return need;
        return this.#lose.change(id) > 0 ? 'condemned' : 'not-due';
      }),
    );
  }
  /** Somebody may be placing it. */
  #isYoung(id: number, dueUntil: number): boolean {
    const reviewAfter = this.#state.get(id)?.review_after ?? 0;
    return reviewAfter > dueUntil && reviewAfter !== ON_REQUEST;
  }
}
