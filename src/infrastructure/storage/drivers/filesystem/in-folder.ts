import type { FileSystem } from './file-system.js';
import { mayHaveVanished } from './system-errors.js';

/** How often a folder is made that others remove before anything is in it. */
const ATTEMPTS = 100;

/** Makes a folder and then a file in it: both again when another process has removed the folder in between. */
export async function inFolder<T>(
  fs: Pick<FileSystem, 'mkdir'>,
  folder: string,
  make: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await fs.mkdir(folder);
      return await make();
    } catch (error) {
      if (!mayHaveVanished(error) || attempt === ATTEMPTS) throw error;
    }
  }
}
