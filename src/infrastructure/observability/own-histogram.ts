import type { Sample } from './own-metric.js';

/** Counts of values by bucket, and their sum. */
export class OwnHistogram {
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;
  #count = 0;

  /** @param bounds upper bounds of the buckets, ascending */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length);
  }

  observe(value: number): void {
    this.#sum += value;
    this.#count += 1;
    const bucket = this.#bounds.findIndex((bound) => value <= bound);
    if (bucket !== -1) this.#counts[bucket]! += 1;
  }

  *samples(name: string, labels: Readonly<Record<string, string>>): Iterable<Sample> {
    let cumulative = 0;
    for (const [at, bound] of this.#bounds.entries()) {
      cumulative += this.#counts[at]!;
      yield { labels: { ...labels, le: bound }, value: cumulative, metricName: `${name}_bucket` };
    }
    yield { labels: { ...labels, le: '+Inf' }, value: this.#count, metricName: `${name}_bucket` };
    yield { labels, value: this.#sum, metricName: `${name}_sum` };
    yield { labels, value: this.#count, metricName: `${name}_count` };
  }
}
