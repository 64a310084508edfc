import type { StorageReader } from '../ports/storage/storage-driver.js';

/** Reads what is in memory already. */
export class BytesReader implements StorageReader {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  async read(buffer: Uint8Array, position: number): Promise<number> {
    const part = this.#bytes.subarray(position, position + buffer.length);
    buffer.set(part);
    return part.length;
  }

  async close(): Promise<void> {}
}
