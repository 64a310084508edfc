/**
 * What is known of a set of keys whose values a server holds. A write is begun before it is sent, and settled by its
 * answer; one whose answer never came may have happened or not.
 */
export class Outcomes<V> {
  readonly #settled = new Map<string, V>();
  readonly #open = new Map<string, V[]>();
  readonly #initial: V;

  /** @param initial the value of a key that was never written */
  constructor(initial: V) {
    this.#initial = initial;
  }

  begin(key: string, value: V): void {
    this.#open.set(key, [...(this.#open.get(key) ?? []), value]);
  }

  settle(key: string, value: V): void {
    this.#settled.set(key, value);
    this.#open.delete(key);
  }

  /** The write was refused: nothing has changed. */
  drop(key: string): void {
    this.#open.delete(key);
  }

  /** The acknowledged value. */
  settled(key: string): V {
    return this.#settled.has(key) ? (this.#settled.get(key) as V) : this.#initial;
  }

  /** Every value that the server may rightly show now. */
  possible(key: string): V[] {
    return [this.settled(key), ...(this.#open.get(key) ?? [])];
  }

  keys(): string[] {
    return [...new Set([...this.#settled.keys(), ...this.#open.keys()])];
  }
}
