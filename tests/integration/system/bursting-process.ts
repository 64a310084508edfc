// Says how large V8's young generation (bytes) has become after bursts of what stays for a while, with a thread that begins
// in between. With the argument `bounded` it is bounded.
import { getHeapSpaceStatistics } from 'node:v8';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { boundYoungGeneration } from '../../../src/infrastructure/system/bound-young-generation.js';

const KEPT = 300_000;
const ENOUGH = 16 * 1024 * 1024;

function youngGeneration(): number {
  const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  return space?.space_size ?? 0;
}

async function burst(): Promise<void> {
  const kept: object[] = [];
  for (let turn = 0; turn < 150; turn++) {
    for (let each = 0; each < 20_000; each++) kept[(turn * 20_000 + each) % KEPT] = { turn, each };
    // What is large enough is found by a look each 100 ms: a busy machine may make it late.
    await sleep(youngGeneration() >= ENOUGH && turn % 5 === 0 ? 250 : 5);
  }
}

if (process.argv[2] === 'bounded') boundYoungGeneration();
await burst();
const thread = new Worker('setTimeout(() => undefined, 10_000)', { eval: true });
await once(thread, 'online');
await burst();
await thread.terminate();
console.log(youngGeneration());
