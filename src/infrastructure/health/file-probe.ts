import { stat } from 'node:fs/promises';
import type { HealthProbe } from '../../application/ports/system/health-probe.js';

/** All is well as long as a file is not there: an operator, or another program, makes it to take the registry out. */
export class FileProbe implements HealthProbe {
  readonly name: string;
  readonly #path: string;

  constructor(name: string, path: string) {
    this.name = name;
    this.#path = path;
  }

  async look(): Promise<void> {
    if (await isThere(this.#path)) throw new Error('the file is there');
  }
}

/** @throws what keeps it from being known, as EACCES: that is told too */
async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}
