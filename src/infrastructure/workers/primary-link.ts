import type { ReloadOutcome } from '../../application/use-cases/maintenance/reload-configuration.js';
import type { Answers, FromWorker, Question, ToWorker, WorkerStart } from './worker-messages.js';

/** Set for a process that was forked to be a worker; another program may run this one in a cluster of its own. */
export const WORKER_VARIABLE = 'STOWAGE_WORKER';

type Respond = {
  readonly [About in Question['about']]: (
    question: Extract<Question, { about: About }>,
  ) => Promise<Answers[About]>;
};

/** What the primary may want of a worker. */
export interface WorkerDuties extends Respond {
  lead(): void;
  apply(): void;
  stop(): void;
  /** A question could not be answered. */
  fault(error: unknown): void;
}

/** The process that has forked this one. When it ends, this one ends with it, as Node's cluster has it. */
export class PrimaryLink {
  readonly #reloads = new Map<number, (outcome: ReloadOutcome | undefined) => void>();
  #lastId = 0;
  #begin: (start: WorkerStart) => void = () => undefined;
  #duties: WorkerDuties | undefined;
  /** What came before there was somebody to do it. */
  #early: ToWorker[] = [];

  private constructor() {
    process.on('message', (message: ToWorker) => this.#take(message));
    // A terminal, or a service manager, sends these to all processes: what is to be done is said by the primary.
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => undefined);
  }

  /** Undefined in a process that is nobody's worker. */
  static find(): PrimaryLink | undefined {
    if (process.env[WORKER_VARIABLE] === undefined || process.send === undefined) return undefined;
    // It is not for what this process starts itself.
    delete process.env[WORKER_VARIABLE];
    return new PrimaryLink();
  }

  /** Says that it runs; resolves with what to start. */
  async start(): Promise<WorkerStart> {
    return new Promise((resolve) => {
      this.#begin = resolve;
      void this.send({ kind: 'up' });
    });
  }

  /** From now on the primary's wishes are met, and at once those that have come. */
  serve(duties: WorkerDuties): void {
    this.#duties = duties;
    for (const message of this.#early.splice(0)) this.#take(message);
  }

  /** Resolves when the message is under way. A primary that has ended needs none. */
  async send(message: FromWorker): Promise<void> {
    return new Promise((resolve) => {
      if (!process.connected) resolve();
      else process.send?.(message, undefined, {}, () => resolve());
    });
  }

  /** Asks for a reload of all workers. Rejects when it failed for no fault of the configuration. */
  async reload(): Promise<ReloadOutcome> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#reloads.set(id, (outcome) => {
        if (outcome === undefined) reject(new Error('the reload failed; the log says why'));
        else resolve(outcome);
      });
      void this.send({ kind: 'reload', id });
    });
  }

  /** Lets the process end when nothing else keeps it. */
  leave(): void {
    process.channel?.unref();
  }

  #take(message: ToWorker): void {
    if (message.kind === 'start') this.#begin(message.start);
    else if (message.kind === 'reloaded') {
      this.#reloads.get(message.id)?.(message.outcome);
      this.#reloads.delete(message.id);
    } else if (this.#duties === undefined) this.#early.push(message);
    else this.#do(message, this.#duties);
  }

  #do(message: Exclude<ToWorker, { kind: 'start' | 'reloaded' }>, duties: WorkerDuties): void {
    switch (message.kind) {
      case 'lead':
        duties.lead();
        return;
      case 'apply':
        duties.apply();
        return;
      case 'stop':
        duties.stop();
        return;
      case 'ask':
        void this.#answer(message.id, message.question, duties);
    }
  }

  async #answer(id: number, question: Question, duties: WorkerDuties): Promise<void> {
    let answer: unknown;
    try {
      answer =
        question.about === 'report' ? await duties.report(question) : await duties.preparation(question);
    } catch (error) {
      duties.fault(error);
    }
    await this.send({ kind: 'answer', id, answer });
  }
}
