import { NamedFileRefused } from '../../application/ports/system/named-file-refused.js';
import type { Apply, Reloadable } from '../../application/ports/system/reloadable.js';
import type { Config } from '../../infrastructure/config/config.js';
import type { Preparation } from '../../infrastructure/workers/worker-messages.js';
import type { WorkerProcesses } from '../../infrastructure/workers/worker-processes.js';

/** Lets all workers take another configuration, or none of them. */
export class WorkersTerms implements Reloadable<Config> {
  readonly #workers: Pick<WorkerProcesses, 'prepare' | 'apply'>;

  constructor(workers: Pick<WorkerProcesses, 'prepare' | 'apply'>) {
    this.#workers = workers;
  }

  /** @throws AggregateError of NamedFileRefused, when any worker refuses it */
  async prepare(config: Config): Promise<Apply> {
    const preparations = await this.#workers.prepare(config);
    const refusals = new Map(preparations.flatMap(refusalsOf).map((refusal) => [refusal.sentence, refusal]));
    if (refusals.size > 0) {
      throw new AggregateError(
        [...refusals.values()].map(({ key, sentence }) => new NamedFileRefused(key, sentence)),
      );
    }
    if (preparations.some(({ kind }) => kind !== 'prepared'))
      throw new Error('a worker could not prepare it');
    return () => this.#workers.apply();
  }
}

function refusalsOf(preparation: Preparation) {
  return preparation.kind === 'refused' ? preparation.refusals : [];
}
