import type { Sample } from './own-metric.js';

/** Counts of values by bucket, and their sum. */
export class OwnHistogram {
  readonly #bounds: readonly number[];
  /** One for each bound, and one for what is above the last. */
  readonly #counts: Float64Array;
  #sum = 0;

  /** @param bounds upper bounds of the buckets, inclusive, ascending */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }

  /** Nothing as long as nothing was observed. */
  *samples(name: string, labels: Readonly<Record<string, string>>): Iterable<Sample> {
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return;
    let cumulative = 0;
    for (const [at, count] of this.#counts.entries()) {
      cumulative += count;
      const le = this.#bounds[at] ?? '+Inf';
      yield { labels: { ...labels, le }, value: cumulative, metricName: `${name}_bucket` };
    }
    yield { labels, value: this.#sum, metricName: `${name}_sum` };
    yield { labels, value: total, metricName: `${name}_count` };
  }
}
