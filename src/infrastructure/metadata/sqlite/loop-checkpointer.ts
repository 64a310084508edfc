import type { Clock } from '../../../application/ports/system/clock.js';
import type { Logger } from '../../../application/ports/system/logger.js';
import type { OnFatal, SqliteDatabase } from './sqlite-database.js';
import { isBusy, isFailedSync } from './sqlite-fault.js';

const INTERVAL = 5_000;

/**
 * Checkpoints a database that allows one connection only, so that no thread can have its own: each checkpoint stops
 * the requests for as long as its syncs take.
 */
export class LoopCheckpointer {
  readonly #stop: () => void;

  /** @param onFatal is called when a sync has failed */
  constructor(database: SqliteDatabase, clock: Clock, logger: Logger, onFatal: OnFatal) {
    this.#stop = clock.every(INTERVAL, () => {
      try {
        database.checkpoint();
      } catch (error) {
        if (isFailedSync(error)) onFatal('the metadata database could not be made durable', error);
        else if (!isBusy(error)) logger.warn('metadata database could not be checkpointed', { error });
      }
    });
  }

  close(): Promise<void> {
    this.#stop();
    return Promise.resolve();
  }
}
