import { constants } from 'node:fs';
import type { FileSystem } from './file-system.js';
import { isMissing } from './system-errors.js';

interface Entry {
  readonly opening: Promise<number>;
  descriptor: number | undefined;
  /** Bytes, once that is known. */
  size: number;
  users: number;
}

/** One use of an open file. */
export interface SharedFile {
  readonly descriptor: number;
  /** Bytes. */
  readonly size: number;
  release(): Promise<void>;
}

/** Files open for reading, one descriptor per path: a thousand readers of one blob hold one. */
export class SharedFiles {
  readonly #fs: FileSystem;
  readonly #entries = new Map<string, Entry>();

  constructor(fs: FileSystem) {
    this.#fs = fs;
  }

  /** Undefined when there is no file at the path. */
  async open(path: string): Promise<SharedFile | undefined> {
    const shared = this.#entries.get(path);
    const entry = shared ?? this.#begin(path);
    entry.users += 1;
    const stat = await this.#stat(path, entry);
    if (stat === undefined) return undefined;
    if (stat.isFile && (stat.links > 0 || shared === undefined)) {
      const { descriptor, size } = stat;
      return { descriptor, size, release: () => this.#release(path, entry) };
    }
    // A folder; or another process has put a new file in its place, and who holds the old one keeps it.
    this.#drop(path, entry);
    await this.#release(path, entry);
    return stat.isFile ? this.open(path) : undefined;
  }

  /** The next open of the path, or of one in it, sees what is there then. */
  forget(path: string): void {
    const below = `${path}/`;
    for (const each of this.#entries.keys()) {
      if (each === path || each.startsWith(below)) this.#entries.delete(each);
    }
  }

  #begin(path: string): Entry {
    const opening = this.#fs.open(path, constants.O_RDONLY).then((descriptor) => {
      entry.descriptor = descriptor;
      return descriptor;
    });
    const entry: Entry = { opening, descriptor: undefined, size: 0, users: 0 };
    this.#entries.set(path, entry);
    return entry;
  }

  async #stat(path: string, entry: Entry) {
    try {
      const descriptor = await entry.opening;
      const stat = await this.#fs.fstat(descriptor);
      entry.size = stat.size;
      return { descriptor, ...stat };
    } catch (error) {
      await this.#release(path, entry);
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  #drop(path: string, entry: Entry): void {
    if (this.#entries.get(path) === entry) this.#entries.delete(path);
  }

  async #release(path: string, entry: Entry): Promise<void> {
    entry.users -= 1;
    if (entry.users > 0) return;
    this.#drop(path, entry);
    if (entry.descriptor !== undefined) await this.#fs.close(entry.descriptor, entry.size);
  }
}
