import type { PieceMemory } from './piece-memory.js';

/** Bytes for a request, and the memory that they lie in. */
interface Gathered {
  readonly content: readonly Buffer[];
  readonly slabs: readonly Buffer[];
  readonly size: number;
}

/** Bytes that one writer gathers, copied into slabs of the common memory. */
export class Gather {
  readonly #memory: PieceMemory;
  #slabs: Buffer[] = [];
  #size = 0;
  /** Bytes that the slabs have room for. */
  #capacity = 0;

  constructor(memory: PieceMemory) {
    this.#memory = memory;
  }

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of memory. */
  get capacity(): number {
    return this.#capacity;
  }

  get isFull(): boolean {
    return this.#size === this.#capacity;
  }

  async grow(): Promise<void> {
    for (const slab of await this.#memory.slabs(1)) {
      this.#slabs.push(slab);
      this.#capacity += slab.length;
    }
  }

  /** Copies as many bytes as the last slab takes. @returns how many */
  add(bytes: Uint8Array): number {
    const slab = this.#slabs.at(-1);
    if (slab === undefined) return 0;
    const part = bytes.subarray(0, this.#capacity - this.#size);
    slab.set(part, slab.length - (this.#capacity - this.#size));
    this.#size += part.length;
    return part.length;
  }

  /** What is there so far; more may be added meanwhile. */
  look(): Gathered {
    const spare = this.#capacity - this.#size;
    const content = this.#slabs.map((slab, at) =>
      at === this.#slabs.length - 1 ? slab.subarray(0, slab.length - spare) : slab,
    );
    return { content, slabs: this.#slabs, size: this.#size };
  }

  /** Hands everything over, to be given back to the memory, and begins anew. */
  take(): Gathered {
    const gathered = this.look();
    this.#slabs = [];
    this.#size = 0;
    this.#capacity = 0;
    return gathered;
  }
}
