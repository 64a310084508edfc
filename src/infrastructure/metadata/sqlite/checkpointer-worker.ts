import { parentPort, workerData } from 'node:worker_threads';
import { isBusy, isFailedSync } from './sqlite-fault.js';
import { WalCheckpoint } from './wal-checkpoint.js';

/** The checkpointer's thread: checkpoints at intervals until it is told to stop. Started by checkpointer.ts. */
export interface CheckpointerTask {
  readonly path: string;
  /** Milliseconds between two looks. */
  readonly interval: number;
  /** Bytes of the WAL. */
  readonly limit: number;
}

/** What the thread reports when a checkpoint fails. */
export interface CheckpointerReport {
  readonly message: string;
  /** Going on could acknowledge what is lost. */
  readonly fatal: boolean;
}

const { path, interval, limit } = workerData as CheckpointerTask;
const checkpoint = new WalCheckpoint(path, limit);

const timer = setInterval(() => {
  try {
    checkpoint.step();
  } catch (error) {
    if (isBusy(error)) return;
    const report: CheckpointerReport = { message: String(error), fatal: isFailedSync(error) };
    parentPort?.postMessage(report, []);
  }
}, interval);

parentPort?.once('message', () => {
  clearInterval(timer);
  checkpoint.close();
  parentPort?.close();
});
