import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import type { FileSystem } from './file-system.js';
import { isMissing, systemCode } from './system-errors.js';

/** From so many files on, one sync of the file system is cheaper than one of each, and of the folders above it. */
const MANY = 80;
/** A sync of the file system that takes longer (ms) has written what others had to write; then paths are synced for a while. */
const SLOW = 2_000;
const WITHOUT = 60;
/** Paths that are synced at once. */
const AT_ONCE = 8;

/** What it needs of a file system. */
type SyncedFileSystem = Pick<FileSystem, 'open' | 'fsync' | 'close'> & {
  /** For each device on which the paths lie, one path there that exists. */
  samples(paths: readonly string[]): Promise<readonly string[]>;
};

/** Makes what is at many paths survive a power loss, behind everything else. */
export class PathSync {
  readonly #fs: SyncedFileSystem;
  readonly #syncFileSystems: (paths: readonly string[]) => Promise<boolean>;
  /** So many more calls go without a sync of the file system. */
  #without = 0;

  /** @param syncFileSystems syncs the file systems that the paths are on; false when that can not be done here */
  constructor(fs: SyncedFileSystem, syncFileSystems = syncByProgram) {
    this.#fs = fs;
    this.#syncFileSystems = syncFileSystems;
  }

  /** What is not there any more needs no sync. @throws the system's error, with the `path` */
  async syncEach(paths: readonly string[]): Promise<void> {
    const left = [...paths];
    const work = async (): Promise<void> => {
      for (let path = left.pop(); path !== undefined; path = left.pop()) await this.#syncOne(path);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  /** Syncs what has changed on the file systems that the paths are on. False when they are few, or it can not be done. */
  async syncAtOnce(paths: readonly string[]): Promise<boolean> {
    if (paths.length < MANY) return false;
    if (this.#without > 0) {
      this.#without -= 1;
      return false;
    }
    const samples = await this.#fs.samples(paths);
    const began = performance.now();
    const synced = await this.#syncFileSystems(samples);
    if (!synced) this.#without = Infinity;
    else if (performance.now() - began > SLOW) this.#without = WITHOUT;
    return synced;
  }

  async #syncOne(path: string): Promise<void> {
    let descriptor: number | undefined;
    try {
      descriptor = await this.#fs.open(path, constants.O_RDONLY);
      await this.#fs.fsync(descriptor);
    } catch (error) {
      // Some network file systems know no sync of a folder; they write names through.
      if (!isMissing(error) && systemCode(error) !== 'EINVAL') throw Object.assign(error as Error, { path });
    } finally {
      if (descriptor !== undefined) await this.#fs.close(descriptor);
    }
  }
}

/** Node has no syncfs(2); coreutils and busybox have it as a program. */
async function syncByProgram(paths: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const program = spawn('sync', ['-f', ...paths], { stdio: 'ignore' });
    program.once('error', () => resolve(false));
    program.once('exit', (code) => resolve(code === 0));
  });
}
