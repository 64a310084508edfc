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

export function describeProcess(command: string, takesIn: boolean): ProcessDescription {
  const startedAt = Math.round(Date.now() - process.uptime() * 1_000);
  return { host: hostname(), boot: bootId(), pid: process.pid, startedAt, command, takesIn };
}

function bootId(): string {
  try {
    return readFileSync(BOOT_ID, 'utf8').trim();
  } catch {
    // Only Linux has it, and it is only told.
    return '';
  }
}
