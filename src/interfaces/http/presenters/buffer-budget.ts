/** Bytes of one large buffer; two of them per stream keep the disk and the socket busy at once. */
const LARGE = 256 * 1024;
/** Enough for more streams at full speed than a machine has cores and network. */
const LIMIT = 8 * 1024 * 1024;

/** Two large buffers, used in turn. */
export type BufferPair = readonly [Buffer, Buffer];

/**
 * Large buffers for streams that drain them, within one bound for the process: thousands of slow clients must not hold
 * a megabyte each. Those that get none go on with a small buffer.
 */
export class BufferBudget {
  readonly #free: BufferPair[] = [];
  #made = 0;

  take(): BufferPair | undefined {
    const pair = this.#free.pop();
    if (pair !== undefined) return pair;
    if ((this.#made + 1) * 2 * LARGE > LIMIT) return undefined;
    this.#made += 1;
    return [Buffer.allocUnsafeSlow(LARGE), Buffer.allocUnsafeSlow(LARGE)];
  }

  giveBack(pair: BufferPair): void {
    this.#free.push(pair);
  }
}
