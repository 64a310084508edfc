import type { ObjectStore } from '../object-store.js';
import { groupsOf, type Assembly } from './assembly.js';
import { joinedName, type Piece } from './piece.js';
import { sizeOfSlices, wholeOf } from './read-pieces.js';

/**
 * Joins the small pieces at the end of a file as soon as they are a part together: each byte is read back and sent again
 * once, however small the pieces are that it comes in. What was joined lies beside the small ones until they are removed,
 * and counts before them from the moment it is there.
 */
export class SmallEnd {
  readonly #store: ObjectStore;
  readonly #assembly: Assembly;
  readonly #least: number;

  /** @param least bytes of a part */
  constructor(store: ObjectStore, assembly: Assembly, least: number) {
    this.#store = store;
    this.#assembly = assembly;
    this.#least = least;
  }

  /** @returns what the file consists of then */
  async join(pieces: readonly Piece[]): Promise<readonly Piece[]> {
    const large = pieces.findLastIndex(({ size }) => size >= this.#least) + 1;
    const joined = pieces.slice(0, large);
    const covered: string[] = [];
    for (const group of groupsOf(pieces.slice(large), this.#least)) {
      const slices = group.map(wholeOf);
      if (sizeOfSlices(slices) < this.#least) joined.push(...group);
      else {
        const name = joinedName(group);
        const { etag, now } = await this.#assembly.put(slices, name.key);
        joined.push({ ...name, etag, modifiedAt: now });
        covered.push(...group.filter(({ attempt }) => attempt !== undefined).map(({ key }) => key));
      }
    }
    if (covered.length > 0) await this.#store.deleteAll(covered);
    return joined;
  }
}
