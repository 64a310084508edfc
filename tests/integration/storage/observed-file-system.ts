import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  FileStat,
  FileSystem,
  FolderEntry,
} from '../../../src/infrastructure/storage/drivers/filesystem/file-system.js';
import { ComposedFileSystem } from './composed-file-system.js';
import { FileThread } from '../../../src/infrastructure/storage/drivers/filesystem/file-thread.js';
import { FilesystemDriver } from '../../../src/infrastructure/storage/drivers/filesystem/filesystem-driver.js';
import { HashThread } from '../../../src/infrastructure/storage/drivers/filesystem/hash-thread.js';
import { NodeFileSystem } from '../../../src/infrastructure/storage/drivers/filesystem/node-file-system.js';
import { AtMost } from '../../../src/application/services/at-most.js';

/** One system call: its name, and the path that it or its descriptor names. */
export interface Call {
  readonly name: keyof FileSystem;
  readonly path: string;
}

type Step = (call: Call) => Promise<void> | void;

/** The real file system, which tells of each call before it is made; what `before` throws is the call's outcome. */
export class ObservedFileSystem extends ComposedFileSystem {
  readonly calls: Call[] = [];
  before: Step = () => {};
  /** How many of `length` bytes one writev takes. */
  take: (length: number) => number = (length) => length;
  readonly #real: FileSystem;
  readonly #paths = new Map<number, string>();

  constructor(real: FileSystem) {
    super();
    this.#real = real;
  }

  /** Paths of the descriptors that are open. */
  get openPaths(): readonly string[] {
    return [...this.#paths.values()];
  }

  count(name: Call['name'], path: string): number {
    return this.calls.filter((call) => call.name === name && call.path === path).length;
  }

  async open(path: string, flags: number): Promise<number> {
    await this.#note('open', path);
    const descriptor = await this.#real.open(path, flags);
    this.#paths.set(descriptor, path);
    return descriptor;
  }
  async close(descriptor: number): Promise<void> {
    await this.#note('close', this.#paths.get(descriptor));
    this.#paths.delete(descriptor);
    await this.#real.close(descriptor);
  }
  async stat(path: string): Promise<FileStat> {
    await this.#note('stat', path);
    return this.#real.stat(path);
  }
  async fstat(descriptor: number): Promise<FileStat> {
    await this.#note('fstat', this.#paths.get(descriptor));
    return this.#real.fstat(descriptor);
  }
  async read(descriptor: number, buffer: Uint8Array, position: number): Promise<number> {
    await this.#note('read', this.#paths.get(descriptor));
    return this.#real.read(descriptor, buffer, position);
  }
  async writev(descriptor: number, chunks: readonly Uint8Array[], position: number): Promise<number> {
    await this.#note('writev', this.#paths.get(descriptor));
    const all = Buffer.concat(chunks);
    const taken = this.take(all.length);
    return taken === 0 ? 0 : this.#real.writev(descriptor, [all.subarray(0, taken)], position);
  }
  async ftruncate(descriptor: number, length: number): Promise<void> {
    await this.#note('ftruncate', this.#paths.get(descriptor));
    await this.#real.ftruncate(descriptor, length);
  }
  async fsync(descriptor: number): Promise<void> {
    await this.#note('fsync', this.#paths.get(descriptor));
    await this.#real.fsync(descriptor);
  }
  async fdatasync(descriptor: number): Promise<void> {
    await this.#note('fdatasync', this.#paths.get(descriptor));
    await this.#real.fdatasync(descriptor);
  }
  async rename(from: string, to: string): Promise<void> {
    await this.#note('rename', from);
    await this.#real.rename(from, to);
  }
  async unlink(path: string): Promise<void> {
    await this.#note('unlink', path);
    await this.#real.unlink(path);
  }
  async mkdir(path: string): Promise<void> {
    await this.#note('mkdir', path);
    await this.#real.mkdir(path);
  }
  async rmdir(path: string): Promise<void> {
    await this.#note('rmdir', path);
    await this.#real.rmdir(path);
  }
  async readdir(path: string): Promise<readonly FolderEntry[]> {
    await this.#note('readdir', path);
    return this.#real.readdir(path);
  }

  async #note(name: Call['name'], path = 'an unknown descriptor'): Promise<void> {
    this.calls.push({ name, path });
    await this.before({ name, path });
  }
}

/** What node:fs rejects with. */
export function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** A driver over a temporary folder, with its calls observed. */
export async function observedDriver() {
  const folder = await mkdtemp(join(tmpdir(), 'stowage-storage-'));
  const root = join(folder, 'root');
  const fs = new ObservedFileSystem(new NodeFileSystem(new AtMost(4), new FileThread()));
  const driver = new FilesystemDriver(root, fs, new HashThread());
  const dispose = async () => {
    await driver.close();
    await rm(folder, { recursive: true });
  };
  return { driver, fs, folder, root, dispose };
}
