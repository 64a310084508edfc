import { LRUCache } from 'lru-cache';

/** What an entry costs beside its bytes, roughly. */
const OVERHEAD = 512;

/** What a cache says of itself. */
export interface CacheCounts {
  readonly asked: number;
  /** How many of them were kept. */
  readonly found: number;
  /** Memory that it takes. */
  readonly bytes: number;
}

/** Keeps what was asked for last, within a budget of bytes. */
export class ByteBoundedCache<V extends object> {
  readonly #kept: LRUCache<string, V>;
  #asked = 0;
  #found = 0;

  /** @param budget bytes to keep */
  constructor(budget: number, bytesOf: (value: V) => number) {
    this.#kept = new LRUCache({ maxSize: budget, sizeCalculation: (value) => bytesOf(value) + OVERHEAD });
  }

  get counts(): CacheCounts {
    return { asked: this.#asked, found: this.#found, bytes: this.#kept.calculatedSize };
  }

  find(key: string): V | undefined {
    const kept = this.#kept.get(key);
    this.#asked += 1;
    if (kept !== undefined) this.#found += 1;
    return kept;
  }

  /** Neither counted nor kept any longer for it. */
  peek(key: string): V | undefined {
    return this.#kept.peek(key);
  }

  keep(key: string, value: V): void {
    this.#kept.set(key, value);
  }
}
