import type { StorageWriter } from '../../../../application/ports/storage/storage-driver.js';
import type { MemoryFile } from './memory-file.js';

export class MemoryWriter implements StorageWriter {
  readonly #file: MemoryFile;
  #closed = false;

  constructor(file: MemoryFile) {
    this.#file = file;
  }

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    if (this.#closed) throw new Error('cannot write: it is closed');
    this.#file.append(chunks);
  }

  async flush(): Promise<void> {
    if (this.#closed) throw new Error('cannot flush: it is closed');
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}
