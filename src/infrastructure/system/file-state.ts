import type { BigIntStats } from 'node:fs';

/** What changes when a file does: also when another takes its place, or its time of change is set back. */
export function fileState({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
