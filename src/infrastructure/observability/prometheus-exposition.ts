import { collectDefaultMetrics, type Registry } from 'prom-client';
import type { MetricsExposition } from '../../application/ports/system/metrics-exposition.js';
import type { DroppingWriter } from './dropping-writer.js';
import { exposeOwn } from './own-metric.js';

/** The text that Prometheus scrapes: every metric of the registry, and of the process (event-loop delay, memory, CPU). */
export class PrometheusExposition implements MetricsExposition {
  readonly #registry: Registry;

  constructor(registry: Registry, log: DroppingWriter) {
    this.#registry = registry;
    collectDefaultMetrics({ register: registry });
    exposeOwn(
      registry,
      {
        name: 'stowage_log_lines_dropped_total',
        help: 'Log lines dropped because their reader was slower',
        type: 'counter',
      },
      () => [{ labels: {}, value: log.dropped }],
    );
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async render(): Promise<string> {
    return this.#registry.metrics();
  }
}
