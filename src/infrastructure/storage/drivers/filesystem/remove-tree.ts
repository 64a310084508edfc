import type { FileSystem } from './file-system.js';
import { isMissing, systemCode } from './system-errors.js';

/** How often a folder that fills up again while it is emptied is tried. */
const ATTEMPTS = 10;

/** Removes a file, or a folder with all that is in it; links in it are removed, not followed. */
export async function removeTree(fs: FileSystem, path: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await removeOnce(fs, path);
      return;
    } catch (error) {
      if (isMissing(error)) return;
      if (systemCode(error) !== 'ENOTEMPTY' || attempt === ATTEMPTS) throw error;
    }
  }
}

async function removeOnce(fs: FileSystem, path: string): Promise<void> {
  const entries = await entriesOf(fs, path);
  if (entries === undefined) {
    await fs.unlink(path);
    return;
  }
  for (const entry of entries) {
    const below = `${path}/${entry.name}`;
    if (entry.isFolder) await removeTree(fs, below);
    else await unlinkIfThere(fs, below);
  }
  await fs.rmdir(path);
}

/** Undefined when the path is a file. */
async function entriesOf(fs: FileSystem, path: string) {
  try {
    return await fs.readdir(path);
  } catch (error) {
    if (systemCode(error) === 'ENOTDIR') return undefined;
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
