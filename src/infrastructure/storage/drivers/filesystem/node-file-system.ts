import * as fs from 'node:fs';
import { promisify } from 'node:util';
import type { FileStat, FileSystem, FolderEntry } from './file-system.js';
import type { ThreadLimit } from './thread-limit.js';

// Plain descriptors and callbacks: FileHandles of node:fs/promises cost a fifth more per call.
const open = promisify(fs.open);
const stat = promisify(fs.stat);
const fstat = promisify(fs.fstat);
const read = promisify(fs.read);
const writev = promisify(fs.writev);
const ftruncate = promisify(fs.ftruncate);
const fsync = promisify(fs.fsync);
const fdatasync = promisify(fs.fdatasync);
const rename = promisify(fs.rename);
const unlink = promisify(fs.unlink);
const mkdir = promisify(fs.mkdir);
const rmdir = promisify(fs.rmdir);
const readdir = promisify(fs.readdir);

/** The file system of this machine, each call on a thread of libuv's pool. */
export class NodeFileSystem implements FileSystem {
  readonly #threads: ThreadLimit;

  constructor(threads: ThreadLimit) {
    this.#threads = threads;
  }

  open(path: string, flags: number): Promise<number> {
    return this.#threads.run(() => open(path, flags, 0o666));
  }

  /**
   * At once, on the loop: what is written is flushed before it is closed, so there is nothing to wait for, and a trip to
   * a thread would cost twenty times as much.
   */
  async close(descriptor: number): Promise<void> {
    fs.closeSync(descriptor);
  }

  stat(path: string): Promise<FileStat> {
    return this.#threads.run(async () => fileStat(await stat(path)));
  }

  fstat(descriptor: number): Promise<FileStat> {
    return this.#threads.run(async () => fileStat(await fstat(descriptor)));
  }

  async read(descriptor: number, buffer: Uint8Array, position: number): Promise<number> {
    const { bytesRead } = await this.#threads.run(() => read(descriptor, buffer, 0, buffer.length, position));
    return bytesRead;
  }

  async writev(descriptor: number, chunks: readonly Uint8Array[], position: number): Promise<number> {
    const { bytesWritten } = await this.#threads.run(() => writev(descriptor, [...chunks], position));
    return bytesWritten;
  }

  ftruncate(descriptor: number, length: number): Promise<void> {
    return this.#threads.run(() => ftruncate(descriptor, length));
  }

  fsync(descriptor: number): Promise<void> {
    return this.#threads.run(() => fsync(descriptor));
  }

  fdatasync(descriptor: number): Promise<void> {
    return this.#threads.run(() => fdatasync(descriptor));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#threads.run(() => rename(from, to));
  }

  unlink(path: string): Promise<void> {
    return this.#threads.run(() => unlink(path));
  }

  async mkdir(path: string): Promise<void> {
    await this.#threads.run(() => mkdir(path, { recursive: true }));
  }

  rmdir(path: string): Promise<void> {
    return this.#threads.run(() => rmdir(path));
  }

  readdir(path: string): Promise<readonly FolderEntry[]> {
    return this.#threads.run(async () => {
      const entries = await readdir(path, { withFileTypes: true });
      return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
    });
  }
}

function fileStat(stats: fs.Stats): FileStat {
  return { size: stats.size, links: stats.nlink, isFile: stats.isFile(), isFolder: stats.isDirectory() };
}
