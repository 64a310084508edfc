const AT_FIRST = 100;
const AT_MOST = 30_000;
/** A worker that has run for so long (ms) was well; what has ended it may have passed. */
const WELL = 10_000;

/** How long the next worker waits: not at all after a good run, and twice as long each time that one ends at once. */
export class RestartDelay {
  #next = 0;

  /** @param ran milliseconds that the worker which has ended had run @returns milliseconds */
  after(ran: number): number {
    if (ran >= WELL) this.#next = 0;
    const delay = this.#next;
    this.#next = Math.min(AT_MOST, Math.max(AT_FIRST, delay * 2));
    return delay;
  }
}
