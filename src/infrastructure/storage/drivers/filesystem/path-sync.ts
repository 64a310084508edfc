import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { isMissing, systemCode } from './system-errors.js';

/** From so many paths on, one sync of the file system is cheaper than one of each path. */
const MANY = 200;
/** A sync of the file system that takes longer (ms) has written what others had to write; then paths are synced for a while. */
const SLOW = 2_000;
const WITHOUT = 60;

/**
 * Makes what is at the paths survive a power loss; what is not there any more needs nothing. For threads that nobody
 * waits for.
 */
export class PathSync {
  readonly #syncFileSystem: (path: string) => boolean;
  /** So many more calls go without a sync of the file system. */
  #without = 0;

  /** @param syncFileSystem syncs the file system that a path is on; false when that can not be done here */
  constructor(syncFileSystem: (path: string) => boolean = syncByProgram) {
    this.#syncFileSystem = syncFileSystem;
  }

  /** @throws the system's error, with the `path` */
  sync(paths: readonly string[]): void {
    for (const path of this.#manyAtOnce(paths)) syncOne(path);
  }

  /** Syncs the file system on which most of them are, and returns those that are left. */
  #manyAtOnce(paths: readonly string[]): readonly string[] {
    if (paths.length < MANY) return paths;
    if (this.#without > 0) {
      this.#without -= 1;
      return paths;
    }
    const device = deviceOf(paths[0] ?? '/');
    const began = performance.now();
    const synced = this.#syncFileSystem(device.path);
    if (!synced) this.#without = Infinity;
    else if (performance.now() - began > SLOW) this.#without = WITHOUT;
    return synced ? paths.filter((path) => deviceOf(path).id !== device.id) : paths;
  }
}

/** Of the path, or of the first folder above it that is there. */
function deviceOf(path: string): { readonly id: number; readonly path: string } {
  try {
    return { id: fs.statSync(path).dev, path };
  } catch (error) {
    if (!isMissing(error)) throw error;
    return deviceOf(dirname(path));
  }
}

/** Node has no syncfs(2); coreutils and busybox have it as a program. */
function syncByProgram(path: string): boolean {
  return spawnSync('sync', ['-f', path], { stdio: 'ignore' }).status === 0;
}

function syncOne(path: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(path, fs.constants.O_RDONLY);
    fs.fsyncSync(descriptor);
  } catch (error) {
    // Some network file systems know no sync of a folder; they write names through.
    if (!isMissing(error) && systemCode(error) !== 'EINVAL') throw Object.assign(error as Error, { path });
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}
