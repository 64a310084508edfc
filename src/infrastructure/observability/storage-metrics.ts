import type { Registry } from 'prom-client';
import { BucketCounts } from './bucket-counts.js';
import { registerScrapedHistogram } from './scraped-histogram.js';

/** The reference registry's names where it has the action, our own where it has not. */
const ACTIONS = {
  Stat: 0,
  Reader: 1,
  Writer: 2,
  PutContent: 3,
  Move: 4,
  MakeDurable: 5,
  Delete: 6,
  List: 7,
  Hash: 8,
  Probe: 9,
  GetContent: 10,
  Flush: 11,
  Fence: 12,
  RedirectURL: 13,
} as const;

export type StorageAction = keyof typeof ACTIONS;

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** How long the storage driver takes, in plain numbers, shown when they are scraped. */
export class StorageMetrics {
  readonly #driver: string;
  readonly #seconds = new BucketCounts(SECONDS, Object.keys(ACTIONS).length);

  /** @param driver the driver's name, a label */
  constructor(driver: string) {
    this.#driver = driver;
  }

  observe(action: StorageAction, seconds: number): void {
    this.#seconds.observe(ACTIONS[action], seconds);
  }

  /** Shows the counts in a registry. */
  register(registry: Registry): void {
    registerScrapedHistogram(registry, {
      name: 'registry_storage_action_seconds',
      help: 'Seconds that an action of the storage driver took, failed ones included.',
      counts: this.#seconds,
      rows: Object.keys(ACTIONS).map((action) => ({ driver: this.#driver, action })),
    });
  }
}
