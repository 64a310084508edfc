import type { Histogram, Registry } from 'prom-client';
import type { BucketCounts } from './bucket-counts.js';

export interface ScrapedHistogramOptions {
  readonly name: string;
  readonly help: string;
  readonly counts: BucketCounts;
  /** Labels of each row. Rows without an observation are not shown. */
  readonly rows: readonly Readonly<Record<string, string>>[];
}

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** Shows counts of ours as a histogram of prom-client, made at each scrape. */
export function registerScrapedHistogram(registry: Registry, options: ScrapedHistogramOptions): void {
  const { name, help } = options;
  const metric = {
    name,
    help,
    type: 'histogram',
    get: async () => ({ name, help, type: 'histogram', values: samplesOf(options), aggregator: 'sum' }),
  };
  // A registry asks its metrics for their name and `get()` alone; the type wants the methods that observe as well.
  registry.registerMetric(metric as unknown as Histogram);
}

function samplesOf({ name, counts, rows }: ScrapedHistogramOptions): Sample[] {
  return rows.flatMap((labels, row) => {
    const cumulative = counts.cumulative(row);
    const total = cumulative.at(-1) ?? 0;
    if (total === 0) return [];
    const buckets = cumulative.map((value, index) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le: counts.bounds[index] ?? '+Inf' },
      value,
    }));
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: counts.sum(row) },
      { metricName: `${name}_count`, labels, value: total },
    ];
  });
}
