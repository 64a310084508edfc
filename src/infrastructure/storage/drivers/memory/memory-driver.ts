import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { RemovalOutcome } from '../../../../application/ports/storage/blob-removal.js';
import type {
  SmallFile,
  StorageDriver,
  StorageEntry,
  StorageReader,
  StorageStat,
  StorageSurvey,
  StorageWriter,
} from '../../../../application/ports/storage/storage-driver.js';
import { StorageFault } from '../../../../application/ports/storage/storage-fault.js';
import { Digest, type DigestAlgorithm } from '../../../../domain/content/digest.js';
import { pathSegments } from '../path-segments.js';
import { MemoryFences } from './memory-fences.js';
import { MemoryFile } from './memory-file.js';
import { MemoryReader } from './memory-reader.js';
import { MemoryTree } from './memory-tree.js';
import { MemoryWriter } from './memory-writer.js';

const PIECE = 1024 * 1024;

/** Storage in the memory of this process: nothing outlives it, so nothing has to be synced. */
export class MemoryDriver implements StorageDriver {
  readonly name = 'inmemory';
  readonly #tree = new MemoryTree();
  readonly #fences = new MemoryFences(this.#tree);

  async stat(path: string): Promise<StorageStat | undefined> {
    const file = this.#tree.file(path);
    if (file !== undefined) return { kind: 'file', size: file.size, changedAt: file.changedAt };
    return this.#tree.isFolder(path) ? { kind: 'folder', size: 0, changedAt: 0 } : undefined;
  }

  async readContent(path: string, most: number): Promise<Uint8Array | undefined> {
    const file = this.#tree.file(path);
    if (file === undefined) {
      if (this.#tree.isFolder(path)) throw new StorageFault('broken', `cannot read ${path}: EISDIR`);
      return undefined;
    }
    if (file.size > most) throw new StorageFault('broken', `cannot read ${path}: EFBIG`);
    const content = new Uint8Array(file.size);
    file.read(content, 0);
    return content;
  }

  async openReader(path: string): Promise<StorageReader | undefined> {
    const file = this.#tree.file(path);
    return file === undefined ? undefined : new MemoryReader(file);
  }

  async openWriter(path: string, offset: number): Promise<StorageWriter | undefined> {
    const file = this.#tree.file(path) ?? (offset === 0 ? this.#create(path) : undefined);
    if (file === undefined || file.size < offset) return undefined;
    file.truncate(offset);
    return new MemoryWriter(file);
  }

  async putContent(path: string, content: Uint8Array): Promise<void> {
    const file = new MemoryFile();
    file.append([content]);
    this.#tree.put(path, file);
  }

  async putContents(files: readonly SmallFile[]): Promise<void> {
    for (const { path, content } of files) await this.putContent(path, content);
  }

  async putDurably(path: string, content: Uint8Array): Promise<void> {
    await this.putContent(path, content);
  }

  async flushContent(paths: readonly string[]): Promise<void> {
    for (const path of paths) pathSegments(path);
  }

  async move(from: string, to: string): Promise<boolean> {
    pathSegments(to);
    const file = this.#tree.file(from);
    if (file === undefined) return false;
    this.#tree.put(to, file);
    if (from !== to) this.#tree.remove(from);
    return true;
  }

  async makeDurable(path: string): Promise<void> {
    pathSegments(path);
  }

  async removeWithFolder(path: string): Promise<void> {
    this.#tree.remove(path);
    this.#tree.removeEmptyFolderOf(path);
  }

  async remove(path: string): Promise<void> {
    this.#tree.remove(path);
  }

  async openFence(fence: string, tree: string): Promise<void> {
    pathSegments(tree);
    this.#fences.open(fence);
  }

  async removeThroughFence(path: string, taken: string): Promise<RemovalOutcome> {
    return this.#fences.remove(path, taken);
  }

  async breakFence(fence: string): Promise<void> {
    this.#fences.break(fence);
  }

  async fencesOpenedBefore(folder: string, moment: number): Promise<readonly string[]> {
    return this.#fences.openedBefore(folder, moment);
  }

  async list(path: string): Promise<readonly StorageEntry[]> {
    return this.#tree.entries(path);
  }

  async newestOf(paths: readonly string[]): Promise<number | undefined> {
    return newest(await Promise.all(paths.map((path) => this.stat(path))));
  }

  async survey(path: string, leaf: string): Promise<StorageSurvey> {
    const folders = this.#tree.entries(path).filter(({ kind }) => kind === 'folder');
    const leaves = await Promise.all(folders.map(({ name }) => this.stat(`${path}/${name}/${leaf}`)));
    const without = folders.filter((_folder, at) => leaves[at] === undefined).map(({ name }) => name);
    return { newest: newest(leaves), without };
  }

  /** Piece by piece, with a turn of the event loop between two: the bytes are here, no thread has to read them. */
  async hash(
    path: string,
    algorithm: DigestAlgorithm,
    length: number,
    signal: AbortSignal,
  ): Promise<Digest | undefined> {
    signal.throwIfAborted();
    const file = this.#tree.file(path);
    if (file === undefined) return undefined;
    const hash = createHash(algorithm);
    const piece = new Uint8Array(Math.min(PIECE, length));
    for (let position = 0; position < length; position += piece.length) {
      const part = piece.subarray(0, length - position);
      if (file.read(part, position) < part.length) return undefined;
      hash.update(part);
      await setImmediate();
      signal.throwIfAborted();
    }
    return Digest.fromHash(algorithm, hash);
  }

  async removeLeftovers(): Promise<void> {}

  async linkTo(): Promise<undefined> {}

  async probe(): Promise<void> {}

  async close(): Promise<void> {}

  #create(path: string): MemoryFile {
    const file = new MemoryFile();
    this.#tree.put(path, file);
    return file;
  }
}

function newest(stats: readonly (StorageStat | undefined)[]): number | undefined {
  const times = stats.flatMap((stat) => (stat === undefined ? [] : [stat.changedAt]));
  return times.length === 0 ? undefined : Math.max(...times);
}
