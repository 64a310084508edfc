import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import type { FileSystem } from './file-system.js';
import { inFolder } from './in-folder.js';

const { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants;
const PIECE = 1024 * 1024;

/** Replaces files whole: a new one is written beside the target and renamed over it. */
export class FileTransfer {
  readonly #fs: FileSystem;

  constructor(fs: FileSystem) {
    this.#fs = fs;
  }

  /** The content need not survive a power loss. */
  async write(target: string, content: Uint8Array): Promise<void> {
    await this.#replace(target, (descriptor) => this.#writeAll(descriptor, content, 0));
  }

  /** Moves a file to another file system. Its bytes survive a power loss; its new name does once it is published. */
  async moveAcross(source: string, target: string): Promise<void> {
    const from = await this.#fs.open(source, O_RDONLY);
    try {
      await this.#replace(target, async (descriptor) => {
        await this.#copy(from, descriptor);
        await this.#fs.fdatasync(descriptor);
      });
    } finally {
      await this.#fs.close(from);
    }
    await this.#fs.unlink(source);
  }

  async #replace(target: string, fill: (descriptor: number) => Promise<void>): Promise<void> {
    const temporary = `${target}.${randomUUID()}.tmp`;
    const descriptor = await inFolder(this.#fs, dirname(target), () =>
      this.#fs.open(temporary, O_WRONLY | O_CREAT | O_EXCL),
    );
    try {
      try {
        await fill(descriptor);
      } finally {
        await this.#fs.close(descriptor);
      }
      await this.#fs.rename(temporary, target);
    } catch (error) {
      // What could not be written is what counts, not that its rest could not be removed either.
      await Promise.allSettled([this.#fs.unlink(temporary)]);
      throw error;
    }
  }

  async #copy(from: number, to: number): Promise<void> {
    const buffer = new Uint8Array(PIECE);
    for (let position = 0; ;) {
      const got = await this.#fs.read(from, buffer, position);
      if (got === 0) return;
      await this.#writeAll(to, buffer.subarray(0, got), position);
      position += got;
    }
  }

  async #writeAll(descriptor: number, content: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < content.length;) {
      done += await this.#fs.writev(descriptor, [content.subarray(done)], position + done);
    }
  }
}
