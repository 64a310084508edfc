import { dirname } from 'node:path';
import { GroupSync } from '../../../durability/group-sync.js';
import type { FileSystem } from './file-system.js';
import { SyncedFolders } from './synced-folders.js';
import { systemCode } from './system-errors.js';

/** Of the 512 that hold blobs by the first two digits of their digest, and a few above. */
const MOST_OPEN = 600;
/** Each tag and each repository has folders of its own, and the memory of the process must not grow with them. */
const MOST_KNOWN = 8192;

/**
 * Makes names survive a power loss. A file's name is safe when its directory is synced, and that directory's own name
 * when its parent is, and so on up. That a directory exists proves nothing: another process may have made it a moment
 * ago, unsynced. So only what this process has itself synced counts.
 *
 * What was synced and is then removed and made anew by another process would be taken for synced. So the removal of a
 * blob's file removes the folder of that file, which is never remembered here, and none above: the folder of the first
 * two digits stays although it is empty, as the reference registry leaves it. (An inode number would not tell the two
 * apart: ext4 gives that of the removed folder to the next one.)
 */
export class DirectorySync {
  readonly #fs: FileSystem;
  readonly #root: string;
  /** Directories whose whole way down from `/` this process has synced. */
  readonly #durable = new SyncedFolders();
  /** Syncs under way, and those that failed: a failed one is never repeated. */
  readonly #syncs = new Map<string, GroupSync>();
  readonly #failed = new Map<string, unknown>();
  /** Descriptors of directories that are synced again and again: all but those of single blobs. */
  readonly #open = new Map<string, number>();

  readonly #mostKnown: number;

  /** @param mostKnown directories that are remembered */
  constructor(fs: FileSystem, root: string, mostKnown = MOST_KNOWN) {
    this.#fs = fs;
    this.#root = root;
    this.#mostKnown = mostKnown;
  }

  /** When it resolves, every name in `directory` and on the way to it is found after a power loss. */
  async publish(directory: string): Promise<void> {
    const way = this.#unsynced(directory);
    this.#refuseFailed(way);
    await Promise.all(way.map((each) => this.#sync(each, each !== directory)));
    this.#refuseFailed(way);
    // The first is left out: there is one such directory for each blob, and the set must not grow with them.
    this.#remember(way.slice(1));
  }

  /** The same for files and their directories that nobody waits for, one sync after the other. */
  async publishFiles(files: readonly string[]): Promise<void> {
    this.#refuseFailedAbove(files);
    if (await this.#fs.syncAtOnce(files)) {
      // A sync of somebody else may have failed meanwhile, and ours have worked for no other reason. Which folders were
      // synced is not looked up to be remembered: who needs one of them durable syncs it once more.
      this.#refuseFailedAbove(files);
      return;
    }
    const directories = new Set(files.map((file) => dirname(file)));
    const ways = this.#waysTo(directories);
    try {
      await this.#fs.syncEach([...files, ...ways]);
    } catch (error) {
      const path = error instanceof Error && 'path' in error ? error.path : undefined;
      if (typeof path === 'string' && ways.has(path) && hasBegun(error)) this.#failed.set(path, error);
      throw error;
    }
    this.#refuseFailed(ways);
    this.#remember([...ways].filter((each) => !directories.has(each)));
  }

  /** Nothing is known any more of a directory, and of those in it, once it may have been removed. */
  forget(directory: string): void {
    for (const each of this.#durable.forget(directory)) this.#closeKept(each);
  }

  /** When nothing is synced any more. */
  close(): void {
    for (const directory of this.#open.keys()) this.#closeKept(directory);
  }

  /** However it is synced the next time, it would seem to work. @throws what it has failed with */
  #refuseFailed(directories: Iterable<string>): void {
    for (const each of directories) if (this.#failed.has(each)) throw this.#failed.get(each);
  }

  /** The same of those on the way to files, which are seldom asked for. */
  #refuseFailedAbove(files: readonly string[]): void {
    if (this.#failed.size > 0) this.#refuseFailed(this.#waysTo(new Set(files.map((file) => dirname(file)))));
  }

  #waysTo(directories: ReadonlySet<string>): ReadonlySet<string> {
    return new Set([...directories].flatMap((directory) => this.#unsynced(directory)));
  }

  /** What is forgotten is synced once more; those that are wanted most often are open, and stay. */
  #remember(directories: readonly string[]): void {
    for (const each of directories) this.#durable.add(each);
    if (this.#durable.size > this.#mostKnown) this.#durable.keepOnly(this.#open.keys());
  }

  #closeKept(directory: string): void {
    const descriptor = this.#open.get(directory);
    this.#open.delete(directory);
    if (descriptor !== undefined) void this.#fs.close(descriptor);
  }

  #unsynced(directory: string): readonly string[] {
    const way = [directory];
    for (let each = directory; !this.#durable.has(each) && dirname(each) !== each;) {
      each = dirname(each);
      way.push(each);
    }
    return way;
  }

  async #sync(directory: string, keep: boolean): Promise<void> {
    const sync = this.#syncs.get(directory) ?? new GroupSync(() => this.#openAndSync(directory, keep));
    this.#syncs.set(directory, sync);
    try {
      await sync.run();
    } finally {
      const done = sync.idle && this.#syncs.get(directory) === sync;
      if (done && !this.#failed.has(directory)) this.#syncs.delete(directory);
    }
  }

  async #openAndSync(directory: string, keep: boolean): Promise<void> {
    const descriptor = this.#open.get(directory) ?? (await this.#openDirectory(directory));
    if (descriptor === undefined) return;
    const kept = this.#open.has(directory) || (keep && this.#open.size < MOST_OPEN);
    if (kept) this.#open.set(directory, descriptor);
    try {
      await this.#fs.fsync(descriptor);
    } catch (error) {
      // Some network file systems know no sync of a directory; they write names through.
      if (systemCode(error) === 'EINVAL') return;
      this.#failed.set(directory, error);
      throw error;
    } finally {
      if (!kept) await this.#fs.close(descriptor);
    }
  }

  /** Undefined for a directory above the root that we may not read: then it was made by someone else, before us. */
  async #openDirectory(directory: string): Promise<number | undefined> {
    try {
      return await this.#fs.openFolder(directory);
    } catch (error) {
      const code = systemCode(error);
      const above = directory.length < this.#root.length;
      if (above && (code === 'EACCES' || code === 'EPERM')) return undefined;
      throw error;
    }
  }
}

/** Whether a sync has failed, and not the opening before it: that may be tried again. */
function hasBegun(error: unknown): boolean {
  const isOpening = error instanceof Error && 'syscall' in error && error.syscall === 'open';
  const code = systemCode(error);
  return !isOpening && code !== 'EMFILE' && code !== 'ENFILE';
}
