// Says how large V8's heap (bytes) has become after bursts of what stays for a while, with a thread that begins in between:
//   bursting-process.ts bounded|unbounded [KEPT]   how many objects stay at a time
import { getHeapSpaceStatistics } from 'node:v8';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { boundHeap } from '../../../src/infrastructure/system/bound-heap.js';

const [, , bound, kept = '300000'] = process.argv;
const AT_ONCE = 20_000;
const TURNS = 80;

function heap(): { readonly young: number; readonly old: number } {
  const spaces = getHeapSpaceStatistics();
  const young = spaces.find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;
  return { young, old: spaces.reduce((sum, { space_size: bytes }) => sum + bytes, -young) };
}

const objects: object[] = [];

async function burst(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    for (let each = 0; each < AT_ONCE; each++) {
      // One after the other, and here and there: what is replaced leaves gaps.
      const at = each % 2 === 0 ? turn * AT_ONCE + each : Math.floor(Math.random() * Number(kept));
      objects[at % Number(kept)] = { turn, each };
    }
    await sleep(2);
  }
}

if (bound === 'bounded') boundHeap();
await burst();
const thread = new Worker('setTimeout(() => undefined, 10_000)', { eval: true });
await once(thread, 'online');
await burst();
await thread.terminate();
console.log(JSON.stringify(heap()));
