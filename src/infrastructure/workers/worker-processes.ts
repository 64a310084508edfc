import cluster from 'node:cluster';
import type { Logger } from '../../application/ports/system/logger.js';
import type { ReloadOutcome } from '../../application/use-cases/maintenance/reload-configuration.js';
import { FirstWorkerFailed, textOf } from './first-worker-failed.js';
import { WORKER_VARIABLE } from './primary-link.js';
import { RestartDelay } from './restart-delay.js';
import type { Config } from '../config/config.js';
import type { FromWorker, Preparation, StartFailure, WorkerReport, WorkerStart } from './worker-messages.js';
import { WorkerProcess } from './worker-process.js';

/** How long (ms) a worker may take for an answer. Reading files of a configuration, and of metrics, takes less. */
const PATIENCE = 30_000;

/** What concerns more than the workers. */
export interface PrimaryDuties {
  /** What a worker that starts now is started with. */
  settings(): Pick<WorkerStart, 'config' | 'report'>;
  /** @param lines whole log lines */
  log(lines: Uint8Array): void;
  reload(): Promise<ReloadOutcome>;
  /** It can not be known any more what is durable. Every worker has been ended. */
  fatal(): void;
}

/**
 * Keeps a number of processes running that answer requests on one address. One of them leads: it does the background
 * work of all. A worker that ends is reported and replaced; the others go on meanwhile.
 */
export class WorkerProcesses {
  readonly #count: number;
  readonly #duties: PrimaryDuties;
  readonly #logger: Logger;
  readonly #workers = new Set<WorkerProcess>();
  readonly #delay = new RestartDelay();
  readonly #timers = new Set<NodeJS.Timeout>();
  #restarts = 0;
  #stopping = false;
  /** Whether the whole tree is known, so that no other worker compares it once more. */
  #compared = false;
  /** Whether any worker has ever answered requests. */
  #hasServed = false;
  /** No worker gets its configuration while it changes. */
  #reloading: Promise<unknown> | undefined;
  #onChange: () => void = () => undefined;

  constructor(count: number, duties: PrimaryDuties, logger: Logger) {
    this.#count = count;
    this.#duties = duties;
    this.#logger = logger;
    // Each takes connections by itself. One that the primary has taken for a worker that is then killed would hang.
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    cluster.setupPrimary({ serialization: 'advanced' });
  }

  /** Workers that answer requests. */
  get serving(): readonly WorkerProcess[] {
    return [...this.#workers].filter(({ state }) => state === 'serving');
  }

  /** Workers that were started in the place of others. */
  get restarts(): number {
    return this.#restarts;
  }

  /**
   * Starts the first worker, and the others as soon as it knows the whole tree.
   * @returns what the first one says once it answers requests
   * @throws FirstWorkerFailed
   */
  async start(): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      let failure: StartFailure | undefined;
      const first = this.#fork(true);
      first.onMessage((message) => {
        if (message.kind === 'serving') resolve(message.lines);
        else if (message.kind === 'failed') failure = message.failure;
      });
      first.onExit((how) => {
        const message = `the first worker has ended with ${how} before it answered requests.`;
        reject(new FirstWorkerFailed(failure ?? { kind: 'refused', message }));
      });
    });
  }

  /** Of all that answer requests; those that end, or are silent, are left out. */
  async reports(): Promise<readonly WorkerReport[]> {
    const asked = this.serving.map((worker) => worker.ask({ about: 'report' }, PATIENCE));
    return (await Promise.all(asked)).filter((report) => report !== undefined);
  }

  /** Of all that answer requests; one that ends meanwhile is left out, since the next one gets what is then in force. */
  async prepare(config: Config): Promise<readonly Preparation[]> {
    const asked = this.serving.map(async (worker): Promise<Preparation | undefined> => {
      const answer = await worker.ask({ about: 'preparation', config }, PATIENCE);
      return answer ?? (worker.state === 'ended' ? undefined : { kind: 'failed' });
    });
    return (await Promise.all(asked)).filter((preparation) => preparation !== undefined);
  }

  /** Puts in force what those that answer requests have prepared. */
  apply(): void {
    for (const worker of this.serving) worker.send({ kind: 'apply' });
  }

  /** Runs while no worker is between its configuration and its first answer. */
  async whileNoneStarts<T>(work: () => Promise<T>): Promise<T> {
    while (this.#reloading !== undefined) await this.#reloading;
    const running = this.#untilNoneStarts().then(work);
    this.#reloading = Promise.allSettled([running]).finally(() => {
      this.#reloading = undefined;
    });
    return running;
  }

  /** Lets all end in order; resolves with how many did not. */
  async stop(): Promise<number> {
    this.#stopping = true;
    for (const timer of this.#timers) clearTimeout(timer);
    let disorderly = 0;
    await Promise.all(
      [...this.#workers].map(
        async (worker) =>
          new Promise<void>((resolve) => {
            worker.onExit((how) => {
              if (how !== 0 && worker.hasServed) disorderly += 1;
              resolve();
            });
            // One that does not answer requests yet has nothing to bring to its end.
            if (worker.state === 'serving') worker.send({ kind: 'stop' });
            else worker.kill();
          }),
      ),
    );
    return disorderly;
  }

  #fork(isFirst: boolean): WorkerProcess {
    const worker = new WorkerProcess(cluster.fork({ [WORKER_VARIABLE]: '1' }));
    worker.leads = !this.#hasLeader();
    this.#workers.add(worker);
    worker.onMessage((message) => this.#take(message, worker, isFirst));
    worker.onExit((how) => this.#ended(worker, how, isFirst));
    return worker;
  }

  #take(message: FromWorker, worker: WorkerProcess, isFirst: boolean): void {
    switch (message.kind) {
      case 'up':
        void this.#begin(worker, isFirst);
        return;
      case 'serving':
        this.#hasServed = true;
        this.#onChange();
        this.#logger.info('worker answers requests', { worker: worker.pid, leads: worker.leads });
        if (!this.#hasLeader()) this.#elect();
        this.#fill();
        return;
      case 'compared':
        this.#compared = true;
        this.#fill();
        return;
      case 'failed':
        if (!isFirst) {
          const reason = textOf(message.failure);
          this.#logger.error('worker could not start', { worker: worker.pid, reason });
        }
        return;
      case 'fatal':
        this.#end();
        return;
      case 'log':
        this.#duties.log(message.lines);
        return;
      case 'reload':
        void this.#reload(worker, message.id);
        return;
      case 'answer':
    }
  }

  async #begin(worker: WorkerProcess, isFirst: boolean): Promise<void> {
    while (this.#reloading !== undefined) await this.#reloading;
    if (worker.state !== 'forked') return;
    worker.start({ ...this.#duties.settings(), leads: worker.leads, isFirst });
  }

  async #reload(worker: WorkerProcess, id: number): Promise<void> {
    const [outcome] = await Promise.allSettled([this.#duties.reload()]);
    if (outcome.status === 'rejected') {
      this.#logger.error('reload failed', { error: outcome.reason });
      worker.send({ kind: 'reloaded', id, outcome: undefined });
    } else worker.send({ kind: 'reloaded', id, outcome: outcome.value });
  }

  async #untilNoneStarts(): Promise<void> {
    while ([...this.#workers].some(({ state }) => state === 'starting')) {
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
  }

  #ended(worker: WorkerProcess, how: number | string, isFirst: boolean): void {
    this.#workers.delete(worker);
    this.#onChange();
    // Without a first worker there is no registry, which is said by `start`.
    if (isFirst && !worker.hasServed) this.#stopping = true;
    if (this.#stopping) return;
    this.#logger.error('worker has ended; another one takes its place', { worker: worker.pid, how });
    this.#restarts += 1;
    if (worker.leads) this.#elect();
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.#fill();
      },
      this.#delay.after(performance.now() - worker.forkedAt),
    );
    this.#timers.add(timer);
  }

  #hasLeader(): boolean {
    return [...this.#workers].some(({ leads }) => leads);
  }

  #elect(): void {
    const [next] = this.serving;
    if (next === undefined) return;
    next.leads = true;
    next.send({ kind: 'lead' });
    this.#logger.info('worker leads', { worker: next.pid });
  }

  /** Until the tree is known one worker is enough: each would compare it. The first one also has to show that it can. */
  #fill(): void {
    const wanted = this.#compared && this.#hasServed ? this.#count : 1;
    while (!this.#stopping && this.#workers.size < wanted) this.#fork(false);
  }

  #end(): void {
    this.#stopping = true;
    for (const worker of this.#workers) worker.kill();
    this.#duties.fatal();
  }
}
