import type { OrphanScan } from '../ports/metadata/orphan-scans.js';
import type { TreeFile } from '../ports/storage/tree-inventory.js';
import type { OrphanTally } from './orphan-tally.js';

/** One run of a scan for orphans. */
export interface OrphanRun {
  /** The scan that it begins or goes on with. */
  readonly scan: OrphanScan;
  /** When this run began, ms of Unix time on the storage's clock. */
  readonly now: number;
  readonly dryRun: boolean;
  readonly tally: OrphanTally;
  readonly signal: AbortSignal;
}

/**
 * Whether somebody may still be about to name the file. A push reserves a row before it places bytes, so what has none
 * is no push of ours, unless its reservation ran out; another program may place bytes first. Whatever happened since the
 * scan began, its grace being none, is too young as well.
 */
export function isYoung({ changedAt }: TreeFile, { scan, now }: OrphanRun): boolean {
  return changedAt >= scan.startedAt || changedAt > now - scan.grace;
}
