/** Who is at work on a thing; undefined once he has come to an end. */
interface Turn {
  ended: Promise<unknown> | undefined;
}

/** Lets work on things wait for the work that was begun on any of them before, whatever came of that. */
export class Turns {
  /**
   * The last one at work on each thing. A map that is written all the time leaves its former tables to V8, each of which
   * holds the next: what they held would live until all of the heap is marked, so a turn lets go of its work by itself.
   */
  readonly #last = new Map<string, Turn>();

  /** @param keys one text for each thing that is worked on */
  async take<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = keys.flatMap((key) => this.#last.get(key)?.ended ?? []);
    const result = (async () => {
      if (before.length > 0) await Promise.allSettled(before);
      return work();
    })();
    const turn: Turn = { ended: result };
    for (const key of keys) this.#last.set(key, turn);
    try {
      return await result;
    } finally {
      turn.ended = undefined;
      for (const key of keys) if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}
