import { Worker } from 'node:worker_threads';
import { Digest, type DigestAlgorithm } from '../../../../domain/content/digest.js';
import { StorageFault } from '../../../../application/ports/storage/storage-fault.js';
import type { HashReply, HashRequest } from './hash-worker.js';

interface Job {
  readonly algorithm: DigestAlgorithm;
  readonly settle: (digest: Digest | undefined) => void;
  readonly fail: (error: unknown) => void;
}

/** Hashes files in a thread of its own, started by the first request and kept. Many files take turns piece by piece. */
export class HashThread {
  readonly #jobs = new Map<number, Job>();
  #worker: Worker | undefined;
  #lastId = 0;

  /** The digest of the first `length` bytes; undefined when the file is shorter. Throws the system's error. */
  async hash(
    path: string,
    algorithm: DigestAlgorithm,
    length: number,
    signal: AbortSignal,
  ): Promise<Digest | undefined> {
    signal.throwIfAborted();
    const id = ++this.#lastId;
    const worker = this.#started();
    const abort = () => {
      this.#jobs.get(id)?.fail(signal.reason);
      send(worker, { kind: 'abort', id });
    };
    signal.addEventListener('abort', abort, { once: true });
    worker.ref();
    try {
      return await new Promise<Digest | undefined>((settle, fail) => {
        this.#jobs.set(id, { algorithm, settle, fail });
        send(worker, { kind: 'hash', id, path, algorithm, length });
      });
    } finally {
      signal.removeEventListener('abort', abort);
      this.#jobs.delete(id);
      // An idle thread must not keep the process alive.
      if (this.#jobs.size === 0) worker.unref();
    }
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #started(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(new URL('./hash-worker.js', import.meta.url));
    this.#worker = worker;
    worker.on('message', (reply: HashReply) => {
      const job = this.#jobs.get(reply.id);
      if (job !== undefined) finish(job, reply);
    });
    let cause: unknown;
    worker.once('error', (error) => {
      cause = error;
    });
    worker.once('exit', () => this.#lost(cause));
    return worker;
  }

  /** The next request starts a new thread. */
  #lost(cause: unknown): void {
    this.#worker = undefined;
    const fault = new StorageFault('broken', 'the thread that hashes files has ended', cause);
    for (const job of this.#jobs.values()) job.fail(fault);
    this.#jobs.clear();
  }
}

function send(worker: Worker, request: HashRequest): void {
  worker.postMessage(request, []);
}

function finish(job: Job, reply: HashReply): void {
  switch (reply.kind) {
    case 'hashed':
      job.settle(Digest.fromBytes(job.algorithm, Buffer.from(reply.value)));
      return;
    case 'shorter':
      job.settle(undefined);
      return;
    case 'failed':
      job.fail(Object.assign(new Error(reply.message), { code: reply.code }));
      return;
  }
}
