import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../load/content.js';
import type { Axis } from './axes.js';

/** How many things requests are about whose answers are to be warm. */
const FEW = 64;

/** Numbers from all over the registry. */
export function fewOf(count: number): readonly number[] {
  const some = Math.min(FEW, count);
  return Array.from({ length: some }, (_, at) => Math.floor((at * count) / some));
}

/** The bytes of those blobs that are asked for: files of all others would be many inodes that nobody opens. */
export function writeBlobs(tree: string, axis: Axis, count: number): void {
  for (const number of fewOf(count)) {
    const bytes = axis.blob(number).value;
    const hex = sha256(bytes).slice('sha256:'.length);
    const folder = join(tree, 'blobs/sha256', hex.slice(0, 2), hex);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'data'), bytes);
  }
}
