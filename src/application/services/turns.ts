/** Lets work on one thing wait for the work that was begun on it before, whatever came of that. */
export class Turns {
  /** The last one at work on each thing. */
  readonly #last = new Map<string, Promise<unknown>>();

  /** @param key one text for each thing */
  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const turn = (async () => {
      if (before !== undefined) await Promise.allSettled([before]);
      return work();
    })();
    this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}
