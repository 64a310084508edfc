import type { Gauge, Registry } from 'prom-client';

export interface ScrapedNumberOptions {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  /** What several processes amount to: their sum, unless each of them tells the same or of the whole registry. */
  readonly joined?: 'sum' | 'min' | 'max' | 'first';
  /** One number, or one for each set of labels; asked at each scrape. */
  read(): number | readonly LabelledNumber[];
}

interface LabelledNumber {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Shows a number of ours as a metric of prom-client. */
export function registerScrapedNumber(registry: Registry, options: ScrapedNumberOptions): void {
  const { name, help, type, joined: aggregator = 'sum' } = options;
  const metric = {
    name,
    help,
    type,
    get: async () => {
      const read = options.read();
      const values = typeof read === 'number' ? [{ labels: {}, value: read }] : read;
      return { name, help, type, values, aggregator };
    },
  };
  // A registry asks its metrics for their name and `get()` alone; the type wants the methods that set as well.
  registry.registerMetric(metric as unknown as Gauge);
}
