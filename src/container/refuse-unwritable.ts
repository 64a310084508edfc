import { statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../infrastructure/config/config.js';
import { whyNotWritable } from '../infrastructure/storage/drivers/filesystem/tree-access.js';
import { StartFailed } from '../interfaces/cli/start-failed.js';
import { databasePath } from './database-path.js';
import { isBelow } from './is-below.js';

/** A database that another user has left cannot be opened, though its folder may be written. */
const FILES_OF_DATABASE = ['', '-wal', '-shm'];

/**
 * Read-only is possible only where the database may still be written, and not by mistake: who keeps it in the folder and
 * may write a part of that only is told.
 * @param readOnly why nothing can be written in the tree
 * @throws StartFailed with one sentence that says what would help
 */
export function refuseUnwritable(config: Config, readOnly: NodeJS.ErrnoException | undefined): void {
  const { driver } = config.storage;
  const path = databasePath(config);
  if (driver.kind !== 'filesystem' || path === undefined) return;
  const root = driver.rootdirectory;
  const isPartly = readOnly?.code === 'EACCES' && isBelow(root, path);
  const fault = whyNoDatabase(path) ?? (isPartly ? readOnly : undefined);
  if (fault === undefined) return;
  const subject = isBelow(root, path) ? `the folder ${root}` : `the metadata database ${path}`;
  const remedies = [whatHelps(fault, root)];
  if (readOnly !== undefined) {
    remedies.push('name a file elsewhere as metadata.sqlite.path, and the folder is served read-only');
  }
  throw new StartFailed(`${subject} cannot be written: ${fault.message}; ${remedies.join(', or ')}.`, {
    cause: fault,
  });
}

function whyNoDatabase(path: string): NodeJS.ErrnoException | undefined {
  const places = [dirname(path), ...FILES_OF_DATABASE.map((end) => `${path}${end}`)];
  return places.map((place) => whyNotWritable(place)).find((why) => why !== undefined);
}

/** Mostly a container that ran as root has made the folder. */
function whatHelps({ code, path: named }: NodeJS.ErrnoException, root: string): string {
  const [user, group] = [process.geteuid?.(), process.getegid?.()];
  const place = code === 'EACCES' && named !== undefined ? nearestSeen(named) : undefined;
  if (place === undefined || place.owner.uid === user) return 'let this user write there';
  const { path, owner } = place;
  const whose = `${path} belongs to user ${owner.uid}, and this process runs as user ${user}`;
  // Its parent, where it would be made.
  if (isBelow(path, root)) return `${whose}: make ${root} and give it to user ${user}`;
  const gift =
    path === root || isBelow(root, path) ? `-R ${user}:${group} ${root}` : `${user}:${group} ${path}`;
  return `${whose}: give it to this one with \`chown ${gift}\`, or run as that one (for a container --user ${owner.uid}:${owner.gid})`;
}

/** Of a folder that this user may not even look into, the one that hides it. */
function nearestSeen(path: string): { readonly path: string; readonly owner: Stats } | undefined {
  try {
    return { path, owner: statSync(path) };
  } catch {
    return dirname(path) === path ? undefined : nearestSeen(dirname(path));
  }
}
