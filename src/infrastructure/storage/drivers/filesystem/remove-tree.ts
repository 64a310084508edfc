import { dirname } from 'node:path';
import type { FileSystem } from './file-system.js';
import { isMissing, systemCode } from './system-errors.js';

/** How often a folder that fills up again while it is emptied is tried. */
const ATTEMPTS = 10;

/** Removes a file, or a folder with all that is in it; links are removed, not followed. */
export async function removeTree(fs: FileSystem, path: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await removeOnce(fs, path);
      return;
    } catch (error) {
      if (isMissing(error)) return;
      const code = systemCode(error);
      if ((code !== 'ENOTEMPTY' && code !== 'EEXIST') || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Removes a file, and its folder if nothing is left in it: somebody may just be writing there. */
export async function removeWithFolder(fs: FileSystem, file: string): Promise<void> {
  await unlinkIfThere(fs, file);
  try {
    await fs.rmdir(dirname(file));
  } catch (error) {
    const code = systemCode(error);
    if (!isMissing(error) && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

/** Most folders that are removed are empty: their one file has been moved away. */
async function removeOnce(fs: FileSystem, path: string): Promise<void> {
  const outcome = await rmdir(fs, path);
  if (outcome === 'removed') return;
  if (outcome === 'a file') {
    await fs.unlink(path);
    return;
  }
  for (const entry of await fs.readdir(path)) {
    const below = `${path}/${entry.name}`;
    if (entry.isFolder) await removeTree(fs, below);
    else await unlinkIfThere(fs, below);
  }
  await fs.rmdir(path);
}

async function rmdir(fs: FileSystem, path: string): Promise<'removed' | 'a file' | 'not empty'> {
  try {
    await fs.rmdir(path);
    return 'removed';
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return 'not empty';
    // Also of a path below a file; what is there is then missing for unlink as well.
    if (code === 'ENOTDIR') return 'a file';
    throw error;
  }
}

async function unlinkIfThere(fs: FileSystem, path: string): Promise<void> {
  try {
    await fs.unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
