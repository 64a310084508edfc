import type { Digest } from '../../../domain/content/digest.js';
import { CONTENT_STATE } from '../sql/content-state.js';
import { contentStatements } from '../sql/content-statements.js';
import { encodeDigest } from '../sql/digest-codec.js';
import type { SqliteDatabase } from './sqlite-database.js';

interface Content {
  readonly id: number;
  readonly state: number;
  /** 1 when its bytes were adopted and nobody has read them whole since. */
  readonly unverified: 0 | 1;
}

/** Rows of content, inside the transactions of the ports: reserve, place, commit. */
export class ContentRows {
  readonly #id;
  readonly #state;
  readonly #stateOf;
  readonly #reserve;
  readonly #review;
  readonly #lostBy;
  readonly #present;

  constructor(database: SqliteDatabase) {
    this.#id = database.prepare(contentStatements.id);
    this.#state = database.prepare(contentStatements.state);
    this.#stateOf = database.prepare(contentStatements.stateOf);
    this.#reserve = database.prepare(contentStatements.reserve);
    this.#review = database.prepare(contentStatements.review);
    this.#lostBy = database.prepare(contentStatements.lostBy);
    this.#present = database.prepare(contentStatements.present);
  }

  find(digest: Digest): number | undefined {
    return this.#id.get(encodeDigest(digest))?.id;
  }

  /**
   * The row of the digest, made or kept at least until a moment (ms), so that it stays while its bytes are placed. A
   * condemned one is left alone.
   */
  reserve(digest: Digest, size: number, until: number): Content {
    const key = encodeDigest(digest);
    const known = this.#state.get(key);
    if (known === undefined) {
      const row = this.#reserve.get(key, size, until);
      if (row === undefined) throw new Error(`${digest.toString()} was not inserted`);
      return { id: row.id, state: CONTENT_STATE.reserved, unverified: 0 };
    }
    const toBePlaced = known.state === CONTENT_STATE.reserved || known.unverified === 1;
    if (toBePlaced && known.state !== CONTENT_STATE.condemned) this.#review.run(known.id, until);
    return known;
  }

  /**
   * Says that the store has verified bytes; false when the reservation ran out: that life of the digest is over.
   */
  markPresent(id: number, size: number): boolean {
    const known = this.#stateOf.get(id);
    if (known === undefined || known.state === CONTENT_STATE.condemned) return false;
    if (known.state === CONTENT_STATE.reserved || known.unverified === 1) this.#present.run(id, size);
    return true;
  }

  /** A repository has lost its link or manifest of it: collection looks whether anything else names it. */
  lostBy(repositoryId: number, id: number, now: number): void {
    this.#lostBy.run(id, repositoryId);
    this.#review.run(id, now);
  }
}
