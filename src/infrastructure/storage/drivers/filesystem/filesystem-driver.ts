import { constants } from 'node:fs';
import { dirname } from 'node:path';
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
import type { Digest, DigestAlgorithm } from '../../../../domain/content/digest.js';
import { DirectorySync } from './directory-sync.js';
import { Fences } from './fences.js';
import { FileReader } from './file-reader.js';
import type { FileSystem } from './file-system.js';
import { FileTransfer } from './file-transfer.js';
import { FileWriter } from './file-writer.js';
import type { HashThread } from './hash-thread.js';
import { inFolder } from './in-folder.js';
import { IncomingFiles } from './incoming-files.js';
import { PathGuard } from './path-guard.js';
import { removeTree, removeWithFolder } from './remove-tree.js';
import { SharedFiles } from './shared-files.js';
import { toStorageStat } from './to-storage-stat.js';
import { orMissing, systemCode, withStorageFaults } from './system-errors.js';

const { O_CREAT, O_TRUNC, O_WRONLY } = constants;

/** Where files are hashed. */
type FileHashes = Pick<HashThread, 'hash' | 'close'>;

/** Storage in a folder of a local or network file system. */
export class FilesystemDriver implements StorageDriver {
  readonly name = 'filesystem';
  readonly root: string;
  readonly #fs: FileSystem;
  readonly #hashes: FileHashes;
  readonly #paths: PathGuard;
  readonly #directories: DirectorySync;
  readonly #readers: SharedFiles;
  readonly #transfer: FileTransfer;
  readonly #incoming: IncomingFiles;
  readonly #fences: Fences;

  /** @param root the configured root directory; it and the folders above it are made by the first write */
  constructor(root: string, fs: FileSystem, hashes: FileHashes) {
    this.#fs = fs;
    this.#hashes = hashes;
    this.#paths = new PathGuard(root);
    this.root = this.#paths.root;
    this.#directories = new DirectorySync(fs, this.#paths.root);
    this.#readers = new SharedFiles(fs);
    this.#transfer = new FileTransfer(fs);
    this.#incoming = new IncomingFiles(fs, this.#paths.root);
    this.#fences = new Fences(fs);
  }

  async stat(path: string): Promise<StorageStat | undefined> {
    const file = this.#paths.below(path);
    const stat = await withStorageFaults(`look at ${path}`, () => orMissing(this.#fs.stat(file)));
    return stat && toStorageStat(stat);
  }

  async readContent(path: string, most: number): Promise<Uint8Array | undefined> {
    const file = this.#paths.below(path);
    return withStorageFaults(`read ${path}`, () => orMissing(this.#fs.readWhole(file, most)));
  }

  async openReader(path: string): Promise<StorageReader | undefined> {
    const file = this.#paths.below(path);
    const shared = await withStorageFaults(`open ${path}`, () => this.#readers.open(file));
    return shared === undefined ? undefined : new FileReader(this.#fs, shared, path);
  }

  async openWriter(path: string, offset: number): Promise<StorageWriter | undefined> {
    const file = this.#paths.below(path);
    const descriptor = await withStorageFaults(`open ${path}`, () =>
      offset === 0 ? this.#create(file) : this.#continue(file, offset),
    );
    return descriptor === undefined ? undefined : new FileWriter(this.#fs, descriptor, path, offset);
  }

  async putContent(path: string, content: Uint8Array): Promise<void> {
    await this.putContents([{ path, content }]);
  }

  async putContents(contents: readonly SmallFile[]): Promise<void> {
    const files = contents.map(({ path, content }) => ({ path: this.#paths.below(path), content }));
    const paths = contents.map(({ path }) => path).join(' and ');
    await withStorageFaults(`write ${paths}`, () => this.#incoming.replaceAll(files));
    for (const { path } of files) this.#readers.forget(path);
  }

  async putDurably(path: string, content: Uint8Array): Promise<void> {
    const file = this.#paths.below(path);
    await withStorageFaults(`write ${path}`, async () => {
      const placed = await this.#place(await this.#incoming.write(content), file);
      if (!placed) throw new StorageFault('broken', `cannot write ${path}: what was written for it is gone`);
      await this.#directories.publish(dirname(file));
    });
    this.#readers.forget(file);
  }

  async flushContent(paths: readonly string[]): Promise<void> {
    const files = paths.map((path) => this.#paths.below(path));
    await withStorageFaults('sync files', () => this.#directories.publishFiles(files));
  }

  async move(from: string, to: string): Promise<boolean> {
    const source = this.#paths.below(from);
    const target = this.#paths.below(to);
    return withStorageFaults(`move ${from} to ${to}`, async () => {
      const moved = await this.#place(source, target);
      this.#readers.forget(source);
      this.#readers.forget(target);
      if (moved) await this.#directories.publish(dirname(target));
      return moved;
    });
  }

  async makeDurable(path: string): Promise<void> {
    const file = this.#paths.below(path);
    await withStorageFaults(`sync the folders of ${path}`, () => this.#directories.publish(dirname(file)));
  }

  async remove(path: string): Promise<void> {
    const target = this.#paths.below(path);
    await withStorageFaults(`remove ${path}`, () => removeTree(this.#fs, target));
    this.#directories.forget(target);
    this.#readers.forget(target);
  }

  async openFence(fence: string, tree: string): Promise<void> {
    const folder = this.#paths.below(fence);
    const content = this.#paths.below(tree);
    await withStorageFaults(`open the fence ${fence}`, () => this.#fences.open(folder, content));
  }

  async removeWithFolder(path: string): Promise<void> {
    const file = this.#paths.below(path);
    await withStorageFaults(`remove ${path}`, () => removeWithFolder(this.#fs, file));
    this.#forgetFile(file);
  }

  async removeThroughFence(path: string, taken: string): Promise<RemovalOutcome> {
    const file = this.#paths.below(path);
    const kept = this.#paths.below(taken);
    try {
      return await withStorageFaults(`remove ${path}`, () => this.#fences.take(file, kept));
    } finally {
      this.#forgetFile(file);
    }
  }

  async breakFence(fence: string): Promise<void> {
    const folder = this.#paths.below(fence);
    await withStorageFaults(`break the fence ${fence}`, () => this.#fences.break(folder));
  }

  async fencesOpenedBefore(folder: string, moment: number): Promise<readonly string[]> {
    const path = this.#paths.below(folder);
    return withStorageFaults(`list ${folder}`, () => this.#fences.openedBefore(path, moment));
  }

  async list(path: string): Promise<readonly StorageEntry[]> {
    const folder = this.#paths.below(path);
    return withStorageFaults(`list ${path}`, async () => (await orMissing(this.#fs.list(folder))) ?? []);
  }

  async newestOf(paths: readonly string[]): Promise<number | undefined> {
    const files = paths.map((path) => this.#paths.below(path));
    return withStorageFaults(`look at ${paths[0] ?? 'nothing'}`, () => this.#fs.newestOf(files));
  }

  async survey(path: string, leaf: string): Promise<StorageSurvey> {
    const folder = this.#paths.below(path);
    this.#paths.below(leaf);
    return withStorageFaults(
      `list ${path}`,
      async () => (await orMissing(this.#fs.survey(folder, leaf))) ?? { newest: undefined, without: [] },
    );
  }

  async hash(
    path: string,
    algorithm: DigestAlgorithm,
    length: number,
    signal: AbortSignal,
  ): Promise<Digest | undefined> {
    const file = this.#paths.below(path);
    return withStorageFaults(`read ${path}`, () =>
      orMissing(this.#hashes.hash(file, algorithm, length, signal)),
    );
  }

  async removeLeftovers(before: number): Promise<void> {
    await withStorageFaults('remove what was left half-written', () => this.#incoming.remove(before));
  }

  async linkTo(): Promise<undefined> {}

  async probe(): Promise<void> {
    const stat = await withStorageFaults('look at the root directory', () => this.#fs.stat(this.#paths.root));
    if (!stat.isFolder) throw new StorageFault('broken', 'the root directory is no directory');
  }

  async close(): Promise<void> {
    this.#directories.close();
    await Promise.all([this.#hashes.close(), this.#fs.end()]);
  }

  /** And that its folder was there. */
  #forgetFile(file: string): void {
    this.#directories.forget(dirname(file));
    this.#readers.forget(file);
  }

  async #create(file: string): Promise<number> {
    return inFolder(this.#fs, dirname(file), () => this.#fs.open(file, O_WRONLY | O_CREAT | O_TRUNC));
  }

  async #continue(file: string, offset: number): Promise<number | undefined> {
    const descriptor = await orMissing(this.#fs.open(file, O_WRONLY));
    if (descriptor === undefined) return undefined;
    try {
      const { size } = await this.#fs.fstat(descriptor);
      if (size > offset) await this.#fs.ftruncate(descriptor, offset);
      if (size >= offset) return descriptor;
    } catch (error) {
      await this.#fs.close(descriptor);
      throw error;
    }
    await this.#fs.close(descriptor);
    return undefined;
  }

  async #place(source: string, target: string): Promise<boolean> {
    try {
      return await this.#fs.place(source, target);
    } catch (error) {
      if (systemCode(error) !== 'EXDEV') throw error;
      await this.#transfer.moveAcross(source, target);
      return true;
    }
  }
}
