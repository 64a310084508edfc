import type { Digest } from '../../../domain/content/digest.js';
import { adoptionStatements } from '../sql/adoption-statements.js';
import { CONTENT_STATE } from '../sql/content-state.js';
import { contentStatements } from '../sql/content-statements.js';
import { encodeDigest } from '../sql/digest-codec.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Rows of content that a tree was found to have, inside the transactions of its adoption. */
export class AdoptedContents {
  readonly #state;
  readonly #add;
  readonly #found;
  readonly #verified;

  constructor(database: SqliteDatabase) {
    this.#state = database.prepare(contentStatements.state);
    this.#add = database.prepare(adoptionStatements.content);
    this.#found = database.prepare(adoptionStatements.found);
    this.#verified = database.prepare(adoptionStatements.verified);
  }

  find(digest: Digest): number | undefined {
    return this.#state.get(encodeDigest(digest))?.id;
  }

  /** Content whose bytes nobody has read. Undefined when collection is removing it. */
  findOrAdd(digest: Digest, size: number): { readonly id: number; readonly isNew: boolean } | undefined {
    const key = encodeDigest(digest);
    const known = this.#state.get(key);
    if (known === undefined) return { id: this.#insert(key, size, 1), isNew: true };
    if (known.state === CONTENT_STATE.condemned) return undefined;
    if (known.state === CONTENT_STATE.reserved) this.#found.run(known.id);
    return { id: known.id, isNew: false };
  }

  /** The same for bytes that were just read and hashed. */
  findOrAddVerified(digest: Digest, size: number): number | undefined {
    const key = encodeDigest(digest);
    const known = this.#state.get(key);
    if (known === undefined) return this.#insert(key, size, 0);
    if (known.state === CONTENT_STATE.condemned) return undefined;
    if (known.unverified === 1) this.#verified.run(known.id);
    return known.id;
  }

  #insert(key: Uint8Array, size: number, unverified: 0 | 1): number {
    const row = this.#add.get(key, size, unverified);
    if (row === undefined) throw new Error('the content was not inserted');
    return row.id;
  }
}
