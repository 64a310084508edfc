import * as fs from 'node:fs';
import { promisify } from 'node:util';
import type { FileStat, FileSystem, FolderEntry, Replacement, Taken } from './file-system.js';
import type { StorageEntry, StorageSurvey } from '../../../../application/ports/storage/storage-driver.js';
import { toFileStat } from './file-steps.js';
import type { FileThread } from './file-thread.js';
import { PathSync } from './path-sync.js';
import type { AtMost } from '../../../../application/services/at-most.js';

// Plain descriptors and callbacks: FileHandles of node:fs/promises cost a fifth more per call.
const open = promisify(fs.open);
const close = promisify(fs.close);
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

/** Bytes from which on a file is not closed on the loop. */
const LARGE = 16 << 20;

/** The file system of this machine: what may wait for the disk on libuv's pool, small steps in a thread of their own. */
export class NodeFileSystem implements FileSystem {
  readonly #threads: AtMost;
  readonly #steps: FileThread;
  readonly #paths: PathSync;

  /**
   * @param threads bounds the calls on libuv's pool, so that a disk that hangs leaves threads to the durability barrier and
   *   to name resolution
   * @param steps does small steps that do not wait for the disk
   */
  constructor(threads: AtMost, steps: FileThread) {
    this.#threads = threads;
    this.#steps = steps;
    this.#paths = new PathSync({
      open: (path, flags) => this.open(path, flags),
      fsync: (descriptor) => this.fsync(descriptor),
      close: (descriptor) => this.close(descriptor),
      samples: (paths) => steps.run({ kind: 'samples', paths }),
    });
  }

  open(path: string, flags: number): Promise<number> {
    return this.#threads.run(() => open(path, flags, 0o666));
  }

  /**
   * At once, on the loop: what is written is flushed before it is closed, so there is nothing to wait for, and a trip to
   * a thread would cost twenty times as much. But not a large file, which may have been removed meanwhile: each GB in the
   * page cache takes a quarter of a second.
   */
  async close(descriptor: number, size = 0): Promise<void> {
    if (size < LARGE) fs.closeSync(descriptor);
    else await this.#threads.run(() => close(descriptor));
  }

  stat(path: string): Promise<FileStat> {
    return this.#steps.run({ kind: 'stat', path });
  }

  fstat(descriptor: number): Promise<FileStat> {
    return this.#threads.run(async () => toFileStat(await fstat(descriptor)));
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

  list(path: string): Promise<readonly StorageEntry[]> {
    return this.#steps.run({ kind: 'list', path });
  }

  newestOf(paths: readonly string[]): Promise<number | undefined> {
    return this.#steps.run({ kind: 'newestOf', paths });
  }

  survey(path: string, leaf: string): Promise<StorageSurvey> {
    return this.#steps.run({ kind: 'survey', path, leaf });
  }

  openFolder(path: string): Promise<number> {
    return this.#steps.run({ kind: 'openFolder', path });
  }

  readWhole(path: string, most: number): Promise<Uint8Array> {
    return this.#steps.run({ kind: 'read', path, most });
  }

  create(path: string, content: Uint8Array): Promise<number> {
    return this.#steps.run({ kind: 'create', path, content });
  }

  place(from: string, to: string): Promise<boolean> {
    return this.#steps.run({ kind: 'place', from, to });
  }

  takeInto(from: string, to: string): Promise<Taken> {
    return this.#steps.run({ kind: 'takeInto', from, to });
  }

  async replaceAll(files: readonly Replacement[]): Promise<void> {
    await this.#steps.run({
      kind: 'replaceAll',
      files: files.map(({ path, temporary, content }) => ({ path, temporary, content: apart(content) })),
    });
  }

  syncAtOnce(paths: readonly string[]): Promise<boolean> {
    return this.#paths.syncAtOnce(paths);
  }

  async syncEach(paths: readonly string[]): Promise<void> {
    await this.#paths.syncEach(paths);
  }

  async end(): Promise<void> {
    await this.#steps.close();
  }
}

/** A message carries all of the memory that bytes are a view of, and small Buffers share 8 KiB. */
function apart(content: Uint8Array): Uint8Array {
  return content.length === content.buffer.byteLength ? content : new Uint8Array(content);
}
