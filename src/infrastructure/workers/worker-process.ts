import type { Worker } from 'node:cluster';
import type { Answers, FromWorker, Question, ToWorker, WorkerStart } from './worker-messages.js';

type Pending = (answer: unknown) => void;
type ExitListener = (how: number | string) => void;

/** A worker as the process that has forked it sees it. */
export class WorkerProcess {
  readonly forkedAt = performance.now();
  /** Whether it has been told to do the background work of all. */
  leads = false;
  #hasServed = false;
  #state: 'forked' | 'starting' | 'serving' | 'ended' = 'forked';
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #exitListeners: ExitListener[] = [];
  #lastId = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'serving') {
        this.#state = 'serving';
        this.#hasServed = true;
      }
      if (message.kind !== 'answer') return;
      this.#pending.get(message.id)?.(message.answer);
      this.#pending.delete(message.id);
    });
    worker.once('exit', (code: number | null, signal: string | null) => this.#end(signal ?? code ?? 0));
    // What could not be started at all has no exit. Other errors are of messages to one that ends.
    worker.on('error', (error: Error) => {
      if (worker.process.pid === undefined) this.#end(error.message);
    });
  }

  /** `starting`: it has its configuration, and does not answer requests yet. */
  get state(): 'forked' | 'starting' | 'serving' | 'ended' {
    return this.#state;
  }

  /** Whether it has ever answered requests. */
  get hasServed(): boolean {
    return this.#hasServed;
  }

  get pid(): number | undefined {
    return this.#worker.process.pid;
  }

  /** What it says by itself. */
  onMessage(listener: (message: FromWorker) => void): void {
    this.#worker.on('message', listener);
  }

  /** @param listener gets the exit code, the name of the signal, or why it could not be started */
  onExit(listener: ExitListener): void {
    this.#exitListeners.push(listener);
  }

  send(message: ToWorker): void {
    // One that has just ended can not be told anything; its exit is seen for itself.
    this.#worker.send(message, () => undefined);
  }

  /** Undefined when it ends before it answers, or does not within `patience` ms. */
  async ask<Q extends Question>(question: Q, patience: number): Promise<Answers[Q['about']] | undefined> {
    if (this.#state === 'ended') return undefined;
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        resolve(undefined);
      }, patience);
      this.#pending.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer as Answers[Q['about']] | undefined);
      });
      this.send({ kind: 'ask', id, question });
    });
  }

  start(start: WorkerStart): void {
    this.#state = 'starting';
    this.send({ kind: 'start', start });
  }

  /** At once, whatever it is doing. */
  kill(): void {
    this.#worker.process.kill('SIGKILL');
  }

  #end(how: number | string): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    for (const resolve of this.#pending.values()) resolve(undefined);
    this.#pending.clear();
    for (const listener of this.#exitListeners.splice(0)) listener(how);
  }
}
