import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes the folder of a file, with its parents, so that it survives a power loss. SQLite syncs only the folder that
 * holds the database. At start, so it may wait.
 */
export function makeDurableFolder(file: string): void {
  const folder = dirname(resolve(file));
  const first = mkdirSync(folder, { recursive: true });
  if (first === undefined) return;
  const last = dirname(resolve(first));
  for (let at = dirname(folder); ; at = dirname(at)) {
    syncFolder(at);
    if (at === last || at === dirname(at)) return;
  }
}

function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
