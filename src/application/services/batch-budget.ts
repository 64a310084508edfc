const SMALLEST = 64 * 1024;
const LARGEST = 1024 * 1024;
/** Bytes that all uploads together may gather before they write. */
const TOTAL = 8 * 1024 * 1024;

/**
 * How many bytes an upload gathers for one write: a lone one as much as is worth while, since each write is a trip to
 * a thread and back; many at once less each, so that their number does not cost memory.
 */
export class BatchBudget {
  #uploads = 0;

  /** Bytes. */
  get size(): number {
    return Math.max(SMALLEST, Math.min(LARGEST, Math.floor(TOTAL / Math.max(this.#uploads, 1))));
  }

  enter(): void {
    this.#uploads += 1;
  }

  leave(): void {
    this.#uploads -= 1;
  }
}
