import { LRUCache } from 'lru-cache';
import { mediaTypeStatements } from '../sql/media-type-statements.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Clients choose media types, so only so many are remembered. A type never changes its id. */
const REMEMBERED = 1_000;

/** Media types and the small integers that stand for them in the rows. */
export class MediaTypes {
  readonly #id;
  readonly #name;
  readonly #insert;
  readonly #names = new LRUCache<number, string>({ max: REMEMBERED });

  constructor(database: SqliteDatabase) {
    this.#id = database.prepare(mediaTypeStatements.id);
    this.#name = database.prepare(mediaTypeStatements.name);
    this.#insert = database.prepare(mediaTypeStatements.insert);
  }

  find(name: string): number | undefined {
    return this.#id.get(name)?.id;
  }

  /** Inside a transaction. */
  findOrCreate(name: string): number {
    return this.find(name) ?? this.#insert.insert(name);
  }

  name(id: number): string {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const name = this.#name.get(id)?.name;
    if (name === undefined) throw new Error(`the metadata database has no media type ${id}`);
    this.#names.set(id, name);
    return name;
  }
}
