// A program of its own: `node grow-process.js ROOT AXIS COUNT`. The driver gives a file and the memory of its cache back
// only when its process ends.
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AXES, type Axis } from './axes.js';
import { growDatabase } from './grow-database.js';
import { writeBlobs } from './grown-blobs.js';

/** Longer than what a start takes for the time between a change and the mark of a flush (ms). */
const BEFORE_THE_MARK = 1_500;

/**
 * What a start looks at where nothing was changed since the registry flushed last: the folder of each repository, and those
 * of blobs. Without them it would take for lost what the database has; with nothing in them it has nothing to look into.
 */
function makeFolders(tree: string, axis: Axis, count: number): void {
  for (const repository of axis.repositories(count)) {
    mkdirSync(join(tree, 'repositories', repository), { recursive: true });
  }
  for (let byte = 0; byte < 256; byte++) {
    mkdirSync(join(tree, 'blobs/sha256', byte.toString(16).padStart(2, '0')), { recursive: true });
  }
}

/** As at the end of a run that has compared the tree and flushed its last link. */
async function markFlushed(stowage: string): Promise<void> {
  await sleep(BEFORE_THE_MARK);
  closeSync(openSync(join(stowage, 'flushed'), 'w'));
}

async function main([root = '', name, count]: readonly string[]): Promise<void> {
  const axis = AXES.find((each) => each.name === name);
  if (axis === undefined) throw new Error(`there is no axis '${name}'`);
  const tree = join(root, 'docker/registry/v2');
  const stowage = join(root, 'stowage');
  await growDatabase(join(stowage, 'metadata.db'), axis, Number(count), Date.now());
  makeFolders(tree, axis, Number(count));
  writeBlobs(tree, axis, Number(count));
  await markFlushed(stowage);
}

await main(process.argv.slice(2));
