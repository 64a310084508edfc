import type { Worker } from 'node:cluster';
import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WorkerProcess } from '../../../src/infrastructure/workers/worker-process.js';
import type { ToWorker } from '../../../src/infrastructure/workers/worker-messages.js';

/** What Node's cluster gives for a forked process. */
class ForkedWorker extends EventEmitter {
  readonly sent: ToWorker[] = [];
  readonly process: { readonly pid: number | undefined };

  constructor(pid: number | undefined) {
    super();
    this.process = { pid };
  }

  send(message: ToWorker): void {
    this.sent.push(message);
  }
}

function processOf(forked: ForkedWorker): { worker: WorkerProcess; exits: unknown[] } {
  const worker = new WorkerProcess(forked as unknown as Worker);
  const exits: unknown[] = [];
  worker.onExit((how) => exits.push(how));
  return { worker, exits };
}

const REPORT = { metrics: [], failing: {}, reasons: [] };

describe('a worker as its primary sees it', () => {
  it('answers each question by its number, in whatever order', async () => {
    const forked = new ForkedWorker(7);
    const { worker } = processOf(forked);
    const asked = [worker.ask({ about: 'report' }, 10_000), worker.ask({ about: 'report' }, 10_000)];
    const ids = forked.sent.map((message) => (message.kind === 'ask' ? message.id : undefined));
    forked.emit('message', { kind: 'answer', id: ids[1], answer: { ...REPORT, reasons: ['second'] } });
    forked.emit('message', { kind: 'answer', id: ids[0], answer: REPORT });
    expect(await Promise.all(asked)).toEqual([REPORT, { ...REPORT, reasons: ['second'] }]);
  });

  it('leaves questions without an answer when it ends, or is silent', async () => {
    const forked = new ForkedWorker(7);
    const { worker, exits } = processOf(forked);
    expect(await worker.ask({ about: 'report' }, 10)).toBeUndefined();
    const asked = worker.ask({ about: 'report' }, 10_000);
    forked.emit('exit', null, 'SIGKILL');
    expect(await asked).toBeUndefined();
    expect(await worker.ask({ about: 'report' }, 10_000)).toBeUndefined();
    expect([exits, worker.state, worker.hasServed]).toEqual([['SIGKILL'], 'ended', false]);
  });

  it('has ended when it could not be started at all', () => {
    const forked = new ForkedWorker(undefined);
    const { worker, exits } = processOf(forked);
    forked.emit('error', new Error('spawn EAGAIN'));
    expect([exits, worker.state]).toEqual([['spawn EAGAIN'], 'ended']);
  });

  it('goes on when a message to it fails', () => {
    const forked = new ForkedWorker(7);
    const { worker, exits } = processOf(forked);
    forked.emit('message', { kind: 'serving', lines: [] });
    forked.emit('error', new Error('write EPIPE'));
    expect([exits, worker.state]).toEqual([[], 'serving']);
    forked.emit('exit', 0, null);
    expect([exits, worker.hasServed]).toEqual([[0], true]);
  });
});
