import { dirname } from 'node:path';
import type { SystemCall } from './system-calls.js';

const SYNCS = new Set(['fsync', 'fdatasync']);
const WRITES = new Set(['write', 'writev', 'pwrite64', 'pwritev']);
const WAL = /\.db-wal$/;
const LINK = /\/docker\/registry\/v2\/repositories\/.*\/link$/;
const CONTENT = /\/docker\/registry\/v2\/blobs\//;
export const STAGED = /\/_uploads\/[^/]+\/data\.\d+$/;

/** The calls of one request: from the end of the answer before it to the begin of its own. */
export interface RequestTrace {
  readonly all: readonly SystemCall[];
  readonly from: number;
  readonly to: number;
}

export function within(
  { all, from, to }: RequestTrace,
  matches: (call: SystemCall) => boolean,
): SystemCall[] {
  return all.filter((call) => call.succeeded && call.began > from && call.ended < to && matches(call));
}

export function isWriteTo(pattern: RegExp): (call: SystemCall) => boolean {
  return ({ name, paths }) => WRITES.has(name) && pattern.test(paths[0] ?? '');
}

/** Renames that put content at its digest path. */
export function placements(trace: RequestTrace): SystemCall[] {
  return within(trace, ({ name, paths }) => name === 'rename' && CONTENT.test(paths[1] ?? ''));
}

/** What the answer promised to keep, and what a power loss at that moment could take: one sentence each. */
export function unsynced(trace: RequestTrace): string[] {
  return [
    ...stagedFiles(trace),
    ...placements(trace).flatMap((call) => entries(trace, call)),
    ...rows(trace),
  ];
}

/** Bytes that were staged are synced before the file is renamed, or before the answer when it stays. */
function stagedFiles(trace: RequestTrace): string[] {
  const lost: string[] = [];
  const writes = within(trace, isWriteTo(STAGED));
  for (const path of new Set(writes.map(({ paths }) => paths[0] ?? ''))) {
    const written = Math.max(...writes.filter(({ paths }) => paths[0] === path).map(({ ended }) => ended));
    const placement = placements(trace).find(({ paths }) => paths[0] === path);
    if (!isSynced(trace, path, written, placement?.began ?? trace.to)) lost.push(`the bytes of ${path}`);
  }
  return lost;
}

/** The file's name in its directory, and the name of every new directory above it. */
function entries(trace: RequestTrace, placement: SystemCall): string[] {
  const [, target = ''] = placement.paths;
  const made = trace.all.filter(
    ({ name, paths, succeeded, ended }) =>
      name === 'mkdir' && succeeded && ended < trace.to && target.startsWith(`${paths[0]}/`),
  );
  const names = [
    { path: target, since: placement.ended },
    ...made.map(({ paths, ended }) => ({ path: paths[0] ?? '', since: ended })),
  ];
  return names
    .filter(({ path, since }) => !isSynced(trace, dirname(path), since, trace.to))
    .map(({ path }) => `the entry ${path}`);
}

/**
 * Also all that is promised of a manifest or a small blob, whose bytes are in a row: the tree gets them behind it. Links are
 * written when the rows are durable; what is written to the WAL after them, as when a flush of links comes between the link
 * and the answer, is not of this request. Nor is what the thread of checkpoints writes: requests are the answering thread's.
 */
export function rows(trace: RequestTrace): string[] {
  const [link] = within(trace, ({ name, paths }) => name === 'rename' && LINK.test(paths[1] ?? ''));
  const answer = trace.all.find(({ began }) => began === trace.to);
  const own = within(trace, isWriteTo(WAL)).filter(
    ({ thread, began }) => thread === answer?.thread && began < (link?.began ?? Infinity),
  );
  const last = own.at(-1);
  const path = last?.paths[0] ?? '';
  return last === undefined || isSynced(trace, path, last.ended, trace.to) ? [] : [`the rows in ${path}`];
}

/** Whether a sync of it began after `since` and succeeded before `until`. */
function isSynced({ all }: RequestTrace, path: string, since: number, until: number): boolean {
  return all.some(
    ({ name, paths, began, ended, succeeded }) =>
      SYNCS.has(name) && succeeded && paths[0] === path && began > since && ended < until,
  );
}
