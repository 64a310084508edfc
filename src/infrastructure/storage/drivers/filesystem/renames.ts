import * as fs from 'node:fs';
import { dirname } from 'node:path';
import type { Taken } from './file-system.js';
import { isMissing, mayHaveVanished } from './system-errors.js';

/** What it needs of node:fs. */
type Calls = Pick<typeof fs, 'mkdirSync' | 'renameSync' | 'rmdirSync' | 'lstatSync'>;

/** How often a folder is made that others remove before anything is in it. Each time takes somebody who finds it empty. */
const ATTEMPTS = 100;

/** Renames, and makes the folders that the new name needs. False when there is nothing at `from`. */
export function place(from: string, to: string, calls: Calls = fs): boolean {
  for (let attempt = 1; ; attempt += 1) {
    try {
      calls.mkdirSync(dirname(to), { recursive: true });
      calls.renameSync(from, to);
      return true;
    } catch (error) {
      // The same error tells of a missing source and of a folder that was removed between the two calls.
      if ((isMissing(error) || mayHaveVanished(error)) && !isThere(from, calls)) return false;
      if (!mayHaveVanished(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Renames into a folder that may be gone, and removes the folder that it leaves empty. */
export function takeInto(from: string, to: string, calls: Calls = fs): Taken {
  try {
    calls.renameSync(from, to);
  } catch (error) {
    if (!isMissing(error) && !mayHaveVanished(error)) throw error;
    if (!isThere(dirname(to), calls)) return 'fenced';
  }
  try {
    calls.rmdirSync(dirname(from));
  } catch {
    // It is not empty, gone, or may not be removed. No harm is done, and the file is gone whatever the reason.
  }
  return 'gone';
}

function isThere(path: string, calls: Calls): boolean {
  try {
    return calls.lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
