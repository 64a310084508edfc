import { constants } from 'node:fs';
import { dirname } from 'node:path';
import type { StorageEntry, StorageSurvey } from '../../../src/application/ports/storage/storage-driver.js';
import type {
  FileStat,
  FileSystem,
  FolderEntry,
  Replacement,
  Taken,
} from '../../../src/infrastructure/storage/drivers/filesystem/file-system.js';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_RDONLY, O_WRONLY } = constants;

/** The steps that a thread does in one go, as the single calls that they are made of: each may be watched or fail. */
export abstract class ComposedFileSystem implements FileSystem {
  abstract open(path: string, flags: number): Promise<number>;
  abstract close(descriptor: number): Promise<void>;
  abstract stat(path: string): Promise<FileStat>;
  abstract fstat(descriptor: number): Promise<FileStat>;
  abstract read(descriptor: number, buffer: Uint8Array, position: number): Promise<number>;
  abstract writev(descriptor: number, chunks: readonly Uint8Array[], position: number): Promise<number>;
  abstract ftruncate(descriptor: number, length: number): Promise<void>;
  abstract fsync(descriptor: number): Promise<void>;
  abstract fdatasync(descriptor: number): Promise<void>;
  abstract rename(from: string, to: string): Promise<void>;
  abstract unlink(path: string): Promise<void>;
  abstract mkdir(path: string): Promise<void>;
  abstract rmdir(path: string): Promise<void>;
  abstract readdir(path: string): Promise<readonly FolderEntry[]>;

  async list(path: string): Promise<readonly StorageEntry[]> {
    const entries = await this.readdir(path);
    return entries.map(({ name, isFolder }) => ({ name, kind: isFolder ? 'folder' : 'file' }));
  }

  async newestOf(paths: readonly string[]): Promise<number | undefined> {
    const found = await Promise.allSettled(paths.map((path) => this.stat(path)));
    const times = found.flatMap((each) => (each.status === 'fulfilled' ? [each.value.changedAt] : []));
    return times.length === 0 ? undefined : Math.max(...times);
  }

  async survey(path: string, leaf: string): Promise<StorageSurvey> {
    const folders = (await this.readdir(path)).filter(({ isFolder }) => isFolder);
    const leaves = folders.map(({ name }) => `${path}/${name}/${leaf}`);
    const found = await Promise.allSettled(leaves.map((each) => this.stat(each)));
    const without = folders.filter((_folder, at) => found[at]?.status === 'rejected').map(({ name }) => name);
    return { newest: await this.newestOf(leaves), without };
  }

  openFolder(path: string): Promise<number> {
    return this.open(path, O_RDONLY | O_DIRECTORY);
  }

  async readWhole(path: string, most: number): Promise<Uint8Array> {
    const descriptor = await this.open(path, O_RDONLY);
    try {
      const { size } = await this.fstat(descriptor);
      if (size > most) throw Object.assign(new Error('EFBIG'), { code: 'EFBIG' });
      const content = new Uint8Array(size);
      return content.subarray(0, await this.read(descriptor, content, 0));
    } finally {
      await this.close(descriptor);
    }
  }

  async create(path: string, content: Uint8Array): Promise<number> {
    await this.mkdir(dirname(path));
    const descriptor = await this.open(path, O_WRONLY | O_CREAT | O_EXCL);
    try {
      for (let done = 0; done < content.length;) {
        done += await this.writev(descriptor, [content.subarray(done)], done);
      }
      return descriptor;
    } catch (error) {
      await this.close(descriptor);
      await this.unlink(path);
      throw error;
    }
  }

  async place(from: string, to: string): Promise<boolean> {
    for (;;) {
      await this.mkdir(dirname(to));
      try {
        await this.rename(from, to);
        return true;
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error;
        if (!(await this.#isThere(from))) return false;
      }
    }
  }

  async takeInto(from: string, to: string): Promise<Taken> {
    try {
      await this.rename(from, to);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      if (!(await this.#isThere(dirname(to)))) return 'fenced';
    }
    await Promise.allSettled([this.rmdir(dirname(from))]);
    return 'gone';
  }

  async replaceAll(files: readonly Replacement[]): Promise<void> {
    for (const { path, temporary, content } of files) {
      await this.close(await this.create(temporary, content));
      try {
        await this.place(temporary, path);
      } catch (error) {
        await this.unlink(temporary);
        throw error;
      }
    }
  }

  async syncAtOnce(): Promise<boolean> {
    return false;
  }

  async syncEach(paths: readonly string[]): Promise<void> {
    for (const path of paths) await this.#syncOne(path);
  }

  async end(): Promise<void> {}

  async #isThere(path: string): Promise<boolean> {
    try {
      await this.stat(path);
      return true;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
  }

  async #syncOne(path: string): Promise<void> {
    let descriptor: number | undefined;
    try {
      descriptor = await this.open(path, O_RDONLY);
      await this.fsync(descriptor);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw Object.assign(error as Error, { path });
    } finally {
      if (descriptor !== undefined) await this.close(descriptor);
    }
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
