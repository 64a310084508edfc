import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Logger } from '../../../application/ports/system/logger.js';
import type { CheckpointerReport, CheckpointerTask } from './checkpointer-worker.js';
import type { OnFatal } from './sqlite-database.js';

const INTERVAL = 200;
const WAL_LIMIT = 64 * 1024 * 1024;
const WORKER = new URL('./checkpointer-worker.js', import.meta.url);

/** Checkpoints the database in a thread: on the loop each one would stop every request. */
export class Checkpointer {
  readonly #worker: Worker;
  #stopping = false;

  /**
   * @param path of an open database
   * @param onFatal is called when a sync has failed or the thread has died: the WAL would grow without end
   * @param worker the compiled thread
   */
  constructor(path: string, logger: Logger, onFatal: OnFatal, worker: URL = WORKER) {
    const task: CheckpointerTask = { path, interval: INTERVAL, limit: WAL_LIMIT };
    this.#worker = new Worker(worker, {
      workerData: task,
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    this.#worker.on('message', ({ message, fatal }: CheckpointerReport) => {
      if (fatal) onFatal('the metadata database could not be made durable', new Error(message));
      else logger.warn('metadata database could not be checkpointed', { error: message });
    });
    this.#worker.once('error', (error) => {
      this.#stopping = true;
      onFatal('the checkpointer of the metadata database failed', error);
    });
    this.#worker.once('exit', (code) => {
      if (this.#stopping) return;
      onFatal('the checkpointer of the metadata database ended', new Error(`exit code ${code}`));
    });
    // A start that fails after this one must be able to end.
    this.#worker.unref();
  }

  /** When it resolves, the thread has closed its connection. */
  async close(): Promise<void> {
    this.#stopping = true;
    this.#worker.ref();
    const ended = once(this.#worker, 'exit');
    this.#worker.postMessage('stop', []);
    await ended;
  }
}
