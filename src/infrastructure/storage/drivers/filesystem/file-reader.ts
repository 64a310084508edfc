import type { StorageReader } from '../../../../application/ports/storage/storage-driver.js';
import type { FileSystem } from './file-system.js';
import type { SharedFile } from './shared-files.js';
import { toStorageFault, withStorageFaults } from './system-errors.js';

export class FileReader implements StorageReader {
  readonly size: number;
  readonly #fs: FileSystem;
  readonly #file: SharedFile;
  readonly #path: string;
  #closed = false;

  constructor(fs: FileSystem, file: SharedFile, path: string) {
    this.#fs = fs;
    this.#file = file;
    this.#path = path;
    this.size = file.size;
  }

  /** In one call, since thousands of slow clients may wait in it for their turn. */
  async read(buffer: Uint8Array, position: number): Promise<number> {
    let filled = 0;
    try {
      while (filled < buffer.length) {
        const rest = filled === 0 ? buffer : buffer.subarray(filled);
        const got = await this.#fs.read(this.#file.descriptor, rest, position + filled);
        if (got === 0) break;
        filled += got;
      }
      return filled;
    } catch (error) {
      throw toStorageFault(`read ${this.#path}`, error);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await withStorageFaults(`close ${this.#path}`, () => this.#file.release());
  }
}
