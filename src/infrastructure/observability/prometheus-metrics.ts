import { collectDefaultMetrics, type MetricObjectWithValues, type MetricValue, Registry } from 'prom-client';
import type { MetricsExposition } from '../../application/ports/system/metrics-exposition.js';
import type { DroppingWriter } from './dropping-writer.js';
import { registerScrapedNumber } from './scraped-number.js';

/** All metrics of a process, as another one can put them together with its own. */
export type MetricSamples = MetricObjectWithValues<MetricValue<string>>[];

/** Numbers that can show themselves in a registry of prom-client. */
export interface MetricsSource {
  register(registry: Registry): void;
}

/** All metrics in Prometheus' text format, those of the process and the delay of its event loop included. */
export class PrometheusMetrics implements MetricsExposition {
  readonly #registry = new Registry();

  /** @param log where log lines may be dropped */
  constructor(sources: readonly MetricsSource[], log: Pick<DroppingWriter, 'dropped'>) {
    for (const source of sources) source.register(this.#registry);
    registerDroppedLines(this.#registry, log);
    collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async render(): Promise<string> {
    return this.#registry.metrics();
  }

  /** The same for another process, which puts those of several together. */
  async samples(): Promise<MetricSamples> {
    return this.#registry.getMetricsAsJSON();
  }
}

/** @param log where log lines may be dropped */
export function registerDroppedLines(registry: Registry, log: Pick<DroppingWriter, 'dropped'>): void {
  registerScrapedNumber(registry, {
    name: 'stowage_log_lines_dropped_total',
    help: 'Log lines dropped because the output was slower than the lines.',
    type: 'counter',
    read: () => log.dropped,
  });
}
