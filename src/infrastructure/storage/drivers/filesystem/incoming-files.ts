import { randomUUID } from 'node:crypto';
import type { SmallFile } from '../../../../application/ports/storage/storage-driver.js';
import type { FileSystem } from './file-system.js';
import { FileTransfer } from './file-transfer.js';
import { isMissing, orMissing, systemCode } from './system-errors.js';

/**
 * Small files on their way to their place. They are made in one folder of their own and renamed, so that no reader
 * sees half of one, and what a killed process leaves lies together and not all over the reference registry's tree.
 */
export class IncomingFiles {
  readonly #fs: FileSystem;
  readonly #folder: string;
  readonly #transfer: FileTransfer;

  /** @param root the root directory: on the same file system as the tree, or renames become copies */
  constructor(fs: FileSystem, root: string) {
    this.#fs = fs;
    this.#folder = `${root}/stowage/incoming`;
    this.#transfer = new FileTransfer(fs);
  }

  /** A path that nobody else uses. */
  path(): string {
    return `${this.#folder}/${randomUUID()}`;
  }

  /** Puts contents at absolute paths, in this order; what fails ends it. They need not survive a power loss. */
  async replaceAll(files: readonly SmallFile[]): Promise<void> {
    try {
      await this.#fs.replaceAll(
        files.map(({ path, content }) => ({ path, temporary: this.path(), content })),
      );
    } catch (error) {
      if (systemCode(error) !== 'EXDEV') throw error;
      for (const { path, content } of files) await this.#transfer.write(path, content);
    }
  }

  /** Removes those that were last changed before a moment (ms): whoever made them has ended. */
  async remove(before: number): Promise<void> {
    for (const { name, kind } of (await orMissing(this.#fs.list(this.#folder))) ?? []) {
      const path = `${this.#folder}/${name}`;
      if (kind !== 'file') continue;
      try {
        const { changedAt } = await this.#fs.stat(path);
        if (changedAt < before) await this.#fs.unlink(path);
      } catch (error) {
        // It has reached its place meanwhile.
        if (!isMissing(error)) throw error;
      }
    }
  }

  /** Writes a file whose bytes survive a power loss, though its name may not, and returns its path. */
  async write(content: Uint8Array): Promise<string> {
    const path = this.path();
    const descriptor = await this.#fs.create(path, content);
    try {
      await this.#fs.fdatasync(descriptor);
    } catch (error) {
      // What could not be made durable is what counts, not that its rest could not be removed either.
      await Promise.allSettled([this.#fs.unlink(path)]);
      throw error;
    } finally {
      await this.#fs.close(descriptor);
    }
    return path;
  }
}
