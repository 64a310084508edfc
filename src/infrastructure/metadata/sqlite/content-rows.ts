import type { Digest } from '../../../domain/content/digest.js';
import { CONTENT_STATE } from '../sql/content-state.js';
import { contentStatements } from '../sql/content-statements.js';
import { encodeDigest } from '../sql/digest-codec.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** A digest's row as it was found: `unplaced` where its bytes are not there, or nobody has verified them. */
export interface FoundContent {
  readonly id: number;
  readonly was: 'missing' | 'unplaced' | 'present' | 'condemned';
}

/** Rows of content, inside the transactions of the ports: reserve, place, commit. */
export class ContentRows {
  readonly #id;
  readonly #state;
  readonly #stateOf;
  readonly #insert;
  readonly #review;
  readonly #lostBy;
  readonly #present;

  constructor(database: SqliteDatabase) {
    this.#id = database.prepare(contentStatements.id);
    this.#state = database.prepare(contentStatements.state);
    this.#stateOf = database.prepare(contentStatements.stateOf);
    this.#insert = database.prepare(contentStatements.insert);
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
   * @param stateOfNew of a row that is made: present where the same transaction takes its bytes in
   */
  reserve(
    digest: Digest,
    size: number,
    until: number,
    stateOfNew: number = CONTENT_STATE.reserved,
  ): FoundContent {
    const key = encodeDigest(digest);
    const known = this.#state.get(key);
    if (known === undefined) {
      return { id: this.#insert.insert(key, size, stateOfNew, until), was: 'missing' };
    }
    const { id, state, unverified } = known;
    if (state === CONTENT_STATE.condemned) return { id, was: 'condemned' };
    if (state === CONTENT_STATE.present && unverified === 0) return { id, was: 'present' };
    this.#review.run(id, until);
    return { id, was: 'unplaced' };
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
