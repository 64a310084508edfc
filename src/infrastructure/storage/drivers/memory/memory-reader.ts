import type { StorageReader } from '../../../../application/ports/storage/storage-driver.js';
import type { MemoryFile } from './memory-file.js';

export class MemoryReader implements StorageReader {
  readonly size: number;
  readonly #file: MemoryFile;

  constructor(file: MemoryFile) {
    this.#file = file;
    this.size = file.size;
  }

  async read(buffer: Uint8Array, position: number): Promise<number> {
    return this.#file.read(buffer, position);
  }

  async close(): Promise<void> {}
}
