/**
 * Bounds how many calls hold a thread of libuv's pool at once, first come first served, so that a disk that hangs
 * leaves threads to the durability barrier and to name resolution.
 */
export class ThreadLimit {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  /** @param threads at least 1 */
  constructor(threads: number) {
    this.#free = threads;
  }

  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await call();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
