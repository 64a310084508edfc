import { relative } from 'node:path';

/** Whether a path lies in the folder, however deep. Both are absolute. */
export function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith('../');
}
