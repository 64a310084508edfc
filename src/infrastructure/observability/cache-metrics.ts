import type { Registry } from 'prom-client';
import type { CacheCounts } from '../system/byte-bounded-cache.js';
import type { MetricsSource } from './prometheus-metrics.js';
import { registerScrapedNumber } from './scraped-number.js';

interface Cache {
  readonly counts: CacheCounts;
}

/** What is kept in memory, and how much reading it spares. */
export class CacheMetrics implements MetricsSource {
  readonly #manifests: Cache;
  readonly #blobs: Cache;

  constructor(manifests: Cache, blobs: Cache) {
    this.#manifests = manifests;
    this.#blobs = blobs;
  }

  register(registry: Registry): void {
    registerCache(registry, 'manifest', this.#manifests, {
      asked: 'Manifests that were asked for.',
      found: 'Manifests that were asked for and still in memory.',
      bytes: 'Memory that kept manifests take, at most 32 MiB.',
    });
    registerCache(registry, 'blob', this.#blobs, {
      asked: 'Blobs of at most 64 KiB that were asked for.',
      found: 'Blobs that were asked for and still in memory.',
      bytes: 'Memory that kept blobs take, at most 8 MiB.',
    });
  }
}

function registerCache(
  registry: Registry,
  content: string,
  cache: Cache,
  help: Readonly<Record<keyof CacheCounts, string>>,
): void {
  registerScrapedNumber(registry, {
    name: `stowage_${content}_cache_requests_total`,
    help: help.asked,
    type: 'counter',
    read: () => cache.counts.asked,
  });
  registerScrapedNumber(registry, {
    name: `stowage_${content}_cache_hits_total`,
    help: help.found,
    type: 'counter',
    read: () => cache.counts.found,
  });
  registerScrapedNumber(registry, {
    name: `stowage_${content}_cache_bytes`,
    help: help.bytes,
    type: 'gauge',
    read: () => cache.counts.bytes,
  });
}
