import * as fs from 'node:fs';
import { dirname } from 'node:path';
import type { Taken } from './file-system.js';
import { isMissing, mayHaveVanished } from './system-errors.js';

/** How often a folder is made that others remove before anything is in it. Each time takes somebody who finds it empty. */
const ATTEMPTS = 100;

/** Renames, and makes the folders that the new name needs. False when there is nothing at `from`. */
export function place(from: string, to: string): boolean {
  for (let attempt = 1; ; attempt += 1) {
    try {
      fs.mkdirSync(dirname(to), { recursive: true });
      fs.renameSync(from, to);
      return true;
    } catch (error) {
      // The same error tells of a missing source and of a folder that was removed between the two calls.
      if ((isMissing(error) || mayHaveVanished(error)) && !isThere(from)) return false;
      if (!mayHaveVanished(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Renames into a folder that may be gone, and removes the folder that it leaves empty. */
export function takeInto(from: string, to: string): Taken {
  try {
    fs.renameSync(from, to);
  } catch (error) {
    if (!isMissing(error) && !mayHaveVanished(error)) throw error;
    if (!isThere(dirname(to))) return 'fenced';
  }
  try {
    fs.rmdirSync(dirname(from));
  } catch {
    // It is not empty, gone, or may not be removed. No harm is done, and the file is gone whatever the reason.
  }
  return 'gone';
}

function isThere(path: string): boolean {
  try {
    return fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
