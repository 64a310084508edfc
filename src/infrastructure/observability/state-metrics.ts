import type { Registry } from 'prom-client';
import type { MetricsSource } from './prometheus-metrics.js';
import { registerScrapedNumber } from './scraped-number.js';

/** Who is asked how things stand, at each scrape. */
interface StateSources {
  readonly version: string;
  readonly database: { openUploads(): number; condemnedContents(): number };
  readonly leases: { readonly writing: number };
  readonly names: { readonly pending: number };
  readonly health: { failing(): Readonly<Record<string, string>> };
  readonly readiness: { reasons(): readonly string[] };
  readonly connections: {
    readonly accepted: number;
    readonly open: number;
    readonly received: number;
    readonly sent: number;
  };
}

/** How things stand: what is open, what waits, whether requests should come. */
export class StateMetrics implements MetricsSource {
  readonly #sources: StateSources;

  constructor(sources: StateSources) {
    this.#sources = sources;
  }

  register(registry: Registry): void {
    this.#registerProcess(registry);
    this.#registerConnections(registry);
    this.#registerWork(registry);
  }

  #registerProcess(registry: Registry): void {
    const { version, health, readiness } = this.#sources;
    registerScrapedNumber(registry, {
      name: 'stowage_build_info',
      help: 'Always 1; the labels tell which version runs, and on which Node.',
      type: 'gauge',
      joined: 'first',
      read: () => [{ labels: { version, node: process.versions.node }, value: 1 }],
    });
    registerScrapedNumber(registry, {
      name: 'stowage_ready',
      help: 'Whether requests should come, as /readyz says: 1 or 0.',
      type: 'gauge',
      joined: 'min',
      read: () => (readiness.reasons().length === 0 ? 1 : 0),
    });
    registerScrapedNumber(registry, {
      name: 'stowage_health_checks_failing',
      help: 'Health checks that fail. While one does, every request is answered 503.',
      type: 'gauge',
      joined: 'max',
      read: () => Object.keys(health.failing()).length,
    });
  }

  #registerConnections(registry: Registry): void {
    const { connections } = this.#sources;
    registerScrapedNumber(registry, {
      name: 'stowage_connections_accepted_total',
      help: 'Connections that clients have made.',
      type: 'counter',
      read: () => connections.accepted,
    });
    registerScrapedNumber(registry, {
      name: 'stowage_connections_open',
      help: 'Connections of clients that are open, idle ones included.',
      type: 'gauge',
      read: () => connections.open,
    });
    registerScrapedNumber(registry, {
      name: 'stowage_network_received_bytes_total',
      help: 'Bytes that clients have sent, headers included, also those of requests that have not ended.',
      type: 'counter',
      read: () => connections.received,
    });
    registerScrapedNumber(registry, {
      name: 'stowage_network_sent_bytes_total',
      help: 'Bytes that were sent to clients, headers included, also those of answers that have not ended.',
      type: 'counter',
      read: () => connections.sent,
    });
  }

  #registerWork(registry: Registry): void {
    const { database, leases, names } = this.#sources;
    registerScrapedNumber(registry, {
      name: 'stowage_uploads_open',
      help: 'Uploads that have received something or are just doing so, and have not ended, in all processes that share the database.',
      type: 'gauge',
      joined: 'max',
      read: () => database.openUploads(),
    });
    registerScrapedNumber(registry, {
      name: 'stowage_uploads_writing',
      help: 'Begun uploads that a request is writing to.',
      type: 'gauge',
      read: () => leases.writing,
    });
    registerScrapedNumber(registry, {
      name: 'stowage_journal_pending',
      help: 'Changes of names that are acknowledged and whose link files are not durable yet.',
      type: 'gauge',
      read: () => names.pending,
    });
    registerScrapedNumber(registry, {
      name: 'stowage_collection_condemned',
      help: 'Contents that collection is removing, in all processes that share the database.',
      type: 'gauge',
      joined: 'max',
      read: () => database.condemnedContents(),
    });
  }
}
