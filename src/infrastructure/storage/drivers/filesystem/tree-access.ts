import { accessSync, constants } from 'node:fs';
import { dirname, join } from 'node:path';

/** What is written below the root directory. The root itself may belong to somebody else. */
const WRITTEN = ['docker/registry/v2', 'stowage'];

/**
 * Why nothing can be written below the root directory; undefined when it can. It asks and tries nothing, so the answer
 * is the system's, which on network file systems may be wrong.
 */
export function whyReadOnly(root: string): NodeJS.ErrnoException | undefined {
  for (const folder of WRITTEN) {
    const why = whyNotWritable(join(root, folder));
    if (why !== undefined) return why;
  }
  return undefined;
}

/** Why nothing can be written in a folder, or in the nearest one above that is there, where it would be made. */
export function whyNotWritable(path: string): NodeJS.ErrnoException | undefined {
  for (let at = path; ; at = dirname(at)) {
    try {
      accessSync(at, constants.W_OK);
      return undefined;
    } catch (error) {
      const fault = error as NodeJS.ErrnoException;
      const isMissing = fault.code === 'ENOENT' || fault.code === 'ENOTDIR';
      if (!isMissing) return fault;
      if (at === dirname(at)) return undefined;
    }
  }
}
