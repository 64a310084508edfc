import { collectDefaultMetrics, Counter, Registry } from 'prom-client';
import type { MetricsExposition } from '../../application/ports/system/metrics-exposition.js';
import type { DroppingWriter } from './dropping-writer.js';

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
    const dropped = new Counter({
      name: 'stowage_log_lines_dropped_total',
      help: 'Log lines dropped because the output was slower than the lines.',
      registers: [this.#registry],
      collect: () => {
        dropped.reset();
        dropped.inc(log.dropped);
      },
    });
    collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async render(): Promise<string> {
    return this.#registry.metrics();
  }
}
