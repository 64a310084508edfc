import { Worker } from 'node:worker_threads';
import { StorageFault } from '../../../../application/ports/storage/storage-fault.js';
import { attempt, type FileOutcome, type FileResult, type FileStep, type FileTask } from './file-steps.js';

interface Waiting {
  readonly settle: (value: unknown) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Runs small steps of the file system in a thread of its own, in the order given. A step of several system calls costs
 * one trip instead of one for each, and all that come up in one turn of the event loop, or while the thread is at work,
 * share it: a fifth of what trips to libuv's pool cost. What waits for the disk (a sync, the bytes of a blob) does not
 * belong here, since it would hold up the others. Until the thread has begun, steps are done by the caller: all of them take
 * less time than its begin.
 */
export class FileThread {
  #worker: Worker | undefined;
  #isOnline = false;
  #next: { readonly task: FileTask; readonly waiting: Waiting }[] = [];
  /** What the thread has been given and not answered. */
  #sent: readonly Waiting[] = [];

  /** Lets the thread begin ahead of its first step. */
  begin(): void {
    this.#worker ??= this.#start();
    if (this.#sent.length === 0) this.#worker.unref();
  }

  /** @throws the system's error, with its `code` */
  async run<K extends FileStep>(task: FileTask & { readonly kind: K }): Promise<FileResult<K>> {
    const outcome = new Promise<unknown>((settle, fail) => {
      const isFirst = this.#next.push({ task, waiting: { settle, fail } }) === 1;
      if (isFirst && this.#sent.length === 0) setImmediate(() => this.#send());
    });
    return (await outcome) as FileResult<K>;
  }

  /** When it resolves, what was given to it is done. */
  async close(): Promise<void> {
    if (this.#worker === undefined && this.#next.length === 0) return;
    await this.run({ kind: 'samples', paths: [] });
    await this.#worker?.terminate();
  }

  #send(): void {
    // A thread that ended meanwhile has asked for this twice.
    if (this.#next.length === 0 || this.#sent.length > 0) return;
    const batch = this.#next;
    this.#next = [];
    const worker = (this.#worker ??= this.#start());
    this.#sent = batch.map(({ waiting }) => waiting);
    const tasks = batch.map(({ task }) => task);
    if (!this.#isOnline) {
      this.#finish(tasks.map(attempt));
      return;
    }
    worker.ref();
    worker.postMessage(tasks, []);
  }

  #start(): Worker {
    const worker = new Worker(new URL('./file-worker.js', import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
      // Its descriptors are closed elsewhere; at its end it would close whatever has got their numbers since.
      trackUnmanagedFds: false,
    });
    worker.once('online', () => {
      this.#isOnline = true;
    });
    worker.on('message', (outcomes: readonly FileOutcome[]) => this.#finish(outcomes));
    let cause: unknown;
    worker.once('error', (error) => {
      cause = error;
    });
    worker.once('exit', () => this.#lost(cause));
    return worker;
  }

  #finish(outcomes: readonly FileOutcome[]): void {
    const batch = this.#sent;
    this.#sendNext();
    for (const [at, { settle, fail }] of batch.entries()) {
      const outcome = outcomes[at];
      if (outcome === undefined) fail(new Error('the thread did not answer'));
      else if ('code' in outcome) fail(systemError(outcome));
      else settle(outcome.value);
    }
  }

  #sendNext(): void {
    this.#sent = [];
    // An idle thread must not keep the process alive.
    if (this.#next.length === 0) this.#worker?.unref();
    else setImmediate(() => this.#send());
  }

  /** The next step starts a new thread. */
  #lost(cause: unknown): void {
    const batch = this.#sent;
    this.#worker = undefined;
    this.#isOnline = false;
    this.#sendNext();
    const fault = new StorageFault('broken', 'the thread that works on files has ended', cause);
    for (const { fail } of batch) fail(fault);
  }
}

function systemError({ code, message, path }: Extract<FileOutcome, { code: string }>): Error {
  return Object.assign(new Error(message), { code, path });
}
