import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process as people look for it. Nothing is decided by it: in containers ids and names repeat. */
export interface ProcessDescription {
  readonly host: string;
  /** Of the host's kernel, since its start; empty where the system does not tell. */
  readonly boot: string;
  readonly pid: number;
  /** Unix time, ms. */
  readonly startedAt: number;
  /** `stowage serve` */
  readonly command: string;
  /** Whether it takes names of the tree into the database before it says that it has compared them. */
  readonly takesIn: boolean;
}

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/** @param pid of the process that people know, where this one is a worker of it */
export function describeProcess(
  command: string,
  takesIn: boolean,
  pid: number = process.pid,
): ProcessDescription {
  const startedAt = Math.round(Date.now() - process.uptime() * 1_000);
  return { host: hostname(), boot: bootId(), pid, startedAt, command, takesIn };
}

function bootId(): string {
  try {
    return readFileSync(BOOT_ID, 'utf8').trim();
  } catch {
    // Only Linux has it, and it is only told.
    return '';
  }
}
