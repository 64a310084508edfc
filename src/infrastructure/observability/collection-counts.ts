import type { Registry } from 'prom-client';
import type { Clock } from '../../application/ports/system/clock.js';
import type {
  CollectedKind,
  CollectionMetrics,
  CollectionOutcome,
} from '../../application/ports/system/collection-metrics.js';
import type { MetricsSource } from './prometheus-metrics.js';
import { registerScrapedNumber } from './scraped-number.js';

/** What the collection of this process has done, in plain numbers. */
export class CollectionCounts implements CollectionMetrics, MetricsSource {
  readonly #clock: Clock;
  readonly #removed: Record<CollectedKind, number> = { manifest: 0, link: 0, blob: 0 };
  readonly #outcomes: Record<CollectionOutcome, number> = { completed: 0, stopped: 0, failed: 0 };
  #bytes = 0;
  #refused = 0;
  #lastCompleted = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  removed(kind: CollectedKind, bytes: number): void {
    this.#removed[kind] += 1;
    if (kind === 'blob') this.#bytes += bytes;
  }

  refused(): void {
    this.#refused += 1;
  }

  ended(outcome: CollectionOutcome): void {
    this.#outcomes[outcome] += 1;
    if (outcome === 'completed') this.#lastCompleted = this.#clock.now();
  }

  register(registry: Registry): void {
    this.#registerRuns(registry);
    registerScrapedNumber(registry, {
      name: 'stowage_collection_removed_total',
      help: 'What the collection of garbage has removed: manifests, links of repositories to blobs, files.',
      type: 'counter',
      read: () => numbers('kind', this.#removed),
    });
    registerScrapedNumber(registry, {
      name: 'stowage_collection_removed_bytes_total',
      help: 'Bytes of the files that the collection of garbage has removed.',
      type: 'counter',
      read: () => this.#bytes,
    });
    registerScrapedNumber(registry, {
      name: 'stowage_collection_refused_total',
      help: 'Files that the storage refused to remove. They are tried again.',
      type: 'counter',
      read: () => this.#refused,
    });
  }

  #registerRuns(registry: Registry): void {
    registerScrapedNumber(registry, {
      name: 'stowage_collection_runs_total',
      help: 'Runs of the collection of garbage in this process, by how they ended.',
      type: 'counter',
      read: () => numbers('outcome', this.#outcomes),
    });
    registerScrapedNumber(registry, {
      name: 'stowage_collection_last_completed_timestamp_seconds',
      help: 'When a run last came to its end, in Unix time; 0 as long as none has.',
      type: 'gauge',
      joined: 'max',
      read: () => this.#lastCompleted / 1000,
    });
  }
}

function numbers(label: string, counts: Readonly<Record<string, number>>) {
  return Object.entries(counts).map(([name, value]) => ({ labels: { [label]: name }, value }));
}
