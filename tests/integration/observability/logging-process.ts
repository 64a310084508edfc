// A process that logs as the registry does, and tells its parent by messages what came of it.
// Arguments: how many lines of 1 KiB, and the descriptor they go to. It writes them all at once, shows that its loop and libuv's pool go on, waits for
// a message of its parent, writes one line more, flushes and exits.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { DroppingWriter } from '../../../src/infrastructure/observability/dropping-writer.js';
import { DescriptorSink } from '../../../src/infrastructure/observability/log-sink.js';

const LINES = Number(process.argv[2]);
const DESCRIPTOR = Number(process.argv[3]);
const FILLING = 'x'.repeat(1000);

const writer = new DroppingWriter(new DescriptorSink(DESCRIPTOR), (lines) => `dropped ${lines}\n`);

function tell(stage: string): void {
  process.send?.({ stage, dropped: writer.dropped });
}

/** More reads of a file at once than libuv's pool has threads, and turns of the loop between them. */
async function work(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await Promise.all(Array.from({ length: 8 }, () => readFile(import.meta.filename)));
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}

for (let n = 0; n < LINES; n += 1) writer.write(`line ${n} ${FILLING}\n`);
await work();
tell('worked');
const [{ flushFor }] = (await once(process, 'message')) as [{ flushFor: number }];
writer.write('last line\n');
await writer.flush(flushFor);
tell('flushed');
process.disconnect();
process.exit(0);
