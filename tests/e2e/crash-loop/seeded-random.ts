import { createCipheriv, createHash } from 'node:crypto';

/** Random choices and bytes that a seed repeats. */
export class SeededRandom {
  readonly #seed: string;
  #drawn = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** An integer in [0, below). */
  int(below: number): number {
    return this.#hash().readUIntBE(0, 6) % below;
  }

  pick<V>(values: readonly V[]): V | undefined {
    return values.length === 0 ? undefined : values[this.int(values.length)];
  }

  bytes(length: number): Buffer {
    const key = this.#hash().subarray(0, 16);
    return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
  }

  #hash(): Buffer {
    this.#drawn += 1;
    return createHash('sha256').update(`${this.#seed} ${this.#drawn}`).digest();
  }
}
