/** Lets work on things wait for the work that was begun on any of them before, whatever came of that. */
export class Turns {
  /** The last one at work on each thing. */
  readonly #last = new Map<string, Promise<unknown>>();

  /** @param keys one text for each thing that is worked on */
  async take<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = keys.flatMap((key) => this.#last.get(key) ?? []);
    const turn = (async () => {
      if (before.length > 0) await Promise.allSettled(before);
      return work();
    })();
    for (const key of keys) this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      for (const key of keys) if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}
