import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A registry that can be started with `serve <config.yml>`. */
export interface Program {
  readonly name: string;
  readonly command: string;
  /** What stands before `serve`. */
  readonly leading: readonly string[];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function cachedReference(): string | undefined {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'stowage', 'tools');
  if (!existsSync(cache)) return undefined;
  const folders = readdirSync(cache).filter((entry) => entry.startsWith('registry-v'));
  return folders
    .toSorted()
    .toReversed()
    .map((entry) => join(cache, entry, 'registry'))
    .find(isExecutable);
}

function onPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** The reference registry: the release CI installs into the cache folder, else Debian's; undefined where neither is. */
export function findReference(): Program | undefined {
  const command = cachedReference() ?? onPath('docker-registry');
  return command === undefined ? undefined : { name: 'reference', command, leading: [] };
}

/** Every one that is there: the newest release first, then Debian's. */
export function findReferences(): readonly Program[] {
  return [cachedReference(), onPath('docker-registry')]
    .filter((command) => command !== undefined)
    .map((command) => ({ name: 'reference', command, leading: [] }));
}

/** @param path a built `dist/main` (run by this Node) or an executable registry. */
export function candidateAt(path: string): Program {
  const native = isExecutable(path);
  return { name: 'Stowage', command: native ? path : process.execPath, leading: native ? [] : [path] };
}
