import { constants } from 'node:fs';
import { basename, dirname } from 'node:path';
import type {
  FileStat,
  FolderEntry,
} from '../../../src/infrastructure/storage/drivers/filesystem/file-system.js';
import { ComposedFileSystem } from './composed-file-system.js';
import { ROOT, type VolatileDisk } from './volatile-disk.js';

/** What happens beside the calls: who waits for whom, and which syncs do not do what they should. */
export interface Surroundings {
  /** Resolves when the call may go on. */
  turn(of: object): Promise<void>;
  sync(kind: 'fsync' | 'fdatasync', path: string): 'works' | 'fails' | 'does nothing';
  /** How many of `length` bytes one writev takes. */
  take(length: number): number;
}

interface OpenFile {
  readonly node: number;
  readonly path: string;
}

/** The system calls of one process on a disk that can lose power. */
export class VolatileFileSystem extends ComposedFileSystem {
  readonly #disk: VolatileDisk;
  readonly #around: Surroundings;
  readonly #files = new Map<number, OpenFile>();
  #lastDescriptor = 2;

  constructor(disk: VolatileDisk, around: Surroundings) {
    super();
    this.#disk = disk;
    this.#around = around;
  }

  async open(path: string, flags: number): Promise<number> {
    await this.#around.turn(this);
    const node = this.#find(path) ?? this.#create(path, flags);
    const isFolder = this.#disk.folder(node) !== undefined;
    if (isFolder && (flags & constants.O_WRONLY) !== 0) throw failure('EISDIR');
    if ((flags & constants.O_TRUNC) !== 0) this.#disk.change(node, { kind: 'length', length: 0 });
    this.#lastDescriptor += 1;
    this.#files.set(this.#lastDescriptor, { node, path });
    return this.#lastDescriptor;
  }

  async close(descriptor: number): Promise<void> {
    await this.#around.turn(this);
    this.#at(descriptor);
    this.#files.delete(descriptor);
  }

  async stat(path: string): Promise<FileStat> {
    await this.#around.turn(this);
    return this.#stat(this.#find(path) ?? missing());
  }

  async fstat(descriptor: number): Promise<FileStat> {
    await this.#around.turn(this);
    return this.#stat(this.#at(descriptor).node);
  }

  async read(descriptor: number, buffer: Uint8Array, position: number): Promise<number> {
    await this.#around.turn(this);
    const bytes = this.#disk.file(this.#at(descriptor).node) ?? Buffer.alloc(0);
    const part = bytes.subarray(position, position + buffer.length);
    buffer.set(part);
    return part.length;
  }

  async writev(descriptor: number, chunks: readonly Uint8Array[], position: number): Promise<number> {
    await this.#around.turn(this);
    const all = Buffer.concat(chunks);
    const bytes = all.subarray(0, this.#around.take(all.length));
    this.#disk.change(this.#at(descriptor).node, { kind: 'bytes', position, bytes });
    return bytes.length;
  }

  async ftruncate(descriptor: number, length: number): Promise<void> {
    await this.#around.turn(this);
    this.#disk.change(this.#at(descriptor).node, { kind: 'length', length });
  }

  fsync(descriptor: number): Promise<void> {
    return this.#sync('fsync', descriptor);
  }

  fdatasync(descriptor: number): Promise<void> {
    return this.#sync('fdatasync', descriptor);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#around.turn(this);
    const node = this.#find(from) ?? missing();
    this.#name(to, node);
    this.#name(from, undefined);
  }

  async unlink(path: string): Promise<void> {
    await this.#around.turn(this);
    if (this.#find(path) === undefined) missing();
    this.#name(path, undefined);
  }

  async mkdir(path: string): Promise<void> {
    await this.#around.turn(this);
    this.#mkdir(path);
  }

  async rmdir(path: string): Promise<void> {
    await this.#around.turn(this);
    const names = this.#disk.folder(this.#find(path) ?? missing());
    if (names === undefined) throw failure('ENOTDIR');
    if (names.size > 0) throw failure('ENOTEMPTY');
    this.#name(path, undefined);
  }

  async readdir(path: string): Promise<readonly FolderEntry[]> {
    await this.#around.turn(this);
    const names = this.#disk.folder(this.#find(path) ?? missing());
    if (names === undefined) throw failure('ENOTDIR');
    return [...names].map(([name, node]) => ({ name, isFolder: this.#disk.folder(node) !== undefined }));
  }

  /** Covers what was changed before it began, and no more. */
  async #sync(kind: 'fsync' | 'fdatasync', descriptor: number): Promise<void> {
    await this.#around.turn(this);
    const { node, path } = this.#at(descriptor);
    const covered = this.#disk.unsynced(node);
    const outcome = this.#around.sync(kind, path);
    await this.#around.turn(this);
    if (outcome === 'does nothing') return;
    for (const effect of covered) effect.state = outcome === 'works' ? 'synced' : 'lost';
    if (outcome === 'fails') throw failure('EIO');
  }

  #create(path: string, flags: number): number {
    if ((flags & constants.O_CREAT) === 0) missing();
    const node = this.#disk.make('file');
    this.#name(path, node);
    return node;
  }

  #mkdir(path: string): number {
    const there = path === '/' ? ROOT : this.#find(path);
    if (there !== undefined) return there;
    this.#mkdir(dirname(path));
    const node = this.#disk.make('folder');
    this.#name(path, node);
    return node;
  }

  #name(path: string, to: number | undefined): void {
    const folder = this.#find(dirname(path)) ?? missing();
    this.#disk.change(folder, { kind: 'name', name: basename(path), to });
  }

  #find(path: string): number | undefined {
    let node: number | undefined = ROOT;
    for (const name of path.split('/').filter(Boolean)) {
      node = node === undefined ? undefined : this.#disk.folder(node)?.get(name);
    }
    return node;
  }

  #at(descriptor: number): OpenFile {
    const file = this.#files.get(descriptor);
    if (file === undefined) throw failure('EBADF');
    return file;
  }

  #stat(node: number): FileStat {
    const bytes = this.#disk.file(node);
    return {
      size: bytes?.length ?? 0,
      links: 1,
      isFile: bytes !== undefined,
      isFolder: bytes === undefined,
      changedAt: 0,
    };
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function missing(): never {
  throw failure('ENOENT');
}
