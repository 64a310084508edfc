// Says how large V8's young generation (bytes) has become after bursts of what stays for a while, with a thread that begins
// in between. With the argument `bounded` it is bounded.
import { getHeapSpaceStatistics } from 'node:v8';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { boundHeap } from '../../../src/infrastructure/system/bound-heap.js';

const KEPT = 300_000;
const ENOUGH = 16 * 1024 * 1024;

function youngGeneration(): number {
  const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  return space?.space_size ?? 0;
}

/** @param until ends it before */
async function burst(until = Infinity): Promise<void> {
  const kept: object[] = [];
  for (let turn = 0; turn < 150 && youngGeneration() < until; turn++) {
    for (let each = 0; each < 20_000; each++) kept[(turn * 20_000 + each) % KEPT] = { turn, each };
    await sleep(5);
  }
}

if (process.argv[2] === 'bounded') boundHeap();
await burst(ENOUGH);
// On a busy machine the look each 100 ms may come late.
await sleep(1000);
await burst();
const thread = new Worker('setTimeout(() => undefined, 10_000)', { eval: true });
await once(thread, 'online');
await burst();
await thread.terminate();
console.log(youngGeneration());
