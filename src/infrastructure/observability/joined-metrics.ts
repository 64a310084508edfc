import { AggregatorRegistry, Registry } from 'prom-client';
import type { MetricsExposition } from '../../application/ports/system/metrics-exposition.js';
import type { WorkerProcesses } from '../workers/worker-processes.js';
import type { DroppingWriter } from './dropping-writer.js';
import { registerDroppedLines } from './prometheus-metrics.js';
import { registerScrapedNumber } from './scraped-number.js';

type JoinedWorkers = Pick<WorkerProcesses, 'reports' | 'restarts'> & {
  readonly serving: { readonly length: number };
};

/** The metrics of all workers: counts are sums, and what is known of the whole registry stays as it is. */
export class JoinedMetrics implements MetricsExposition {
  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;
  readonly #workers: JoinedWorkers;
  readonly #own = new Registry();

  /** @param log where the lines of all of them may be dropped */
  constructor(workers: JoinedWorkers, log: Pick<DroppingWriter, 'dropped'>) {
    this.#workers = workers;
    registerDroppedLines(this.#own, log);
    registerScrapedNumber(this.#own, {
      name: 'stowage_workers',
      help: 'Processes that answer requests.',
      type: 'gauge',
      read: () => workers.serving.length,
    });
    registerScrapedNumber(this.#own, {
      name: 'stowage_worker_restarts_total',
      help: 'Processes that were started in the place of others that had ended.',
      type: 'counter',
      read: () => workers.restarts,
    });
  }

  async render(): Promise<string> {
    const [own, reports] = await Promise.all([this.#own.getMetricsAsJSON(), this.#workers.reports()]);
    return AggregatorRegistry.aggregate([own, ...reports.map(({ metrics }) => metrics)]).metrics();
  }
}
