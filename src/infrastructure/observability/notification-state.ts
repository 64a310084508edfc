import type { Registry } from 'prom-client';
import type { EndpointState, Outbox } from '../../application/ports/metadata/outbox.js';
import type { Clock } from '../../application/ports/system/clock.js';
import type { MetricsSource } from './prometheus-metrics.js';
import { registerScrapedNumber } from './scraped-number.js';

/** How things stand with the endpoints that the database knows. */
export class NotificationState implements MetricsSource {
  readonly #outbox: Pick<Outbox, 'endpoints' | 'end' | 'createdAfter'>;
  readonly #clock: Clock;

  constructor(outbox: Pick<Outbox, 'endpoints' | 'end' | 'createdAfter'>, clock: Clock) {
    this.#outbox = outbox;
    this.#clock = clock;
  }

  register(registry: Registry): void {
    registerScrapedNumber(registry, {
      name: 'registry_notifications_pending_total',
      help: 'Events that an endpoint is not past, those that it ignores included.',
      type: 'gauge',
      joined: 'max',
      read: () => {
        const { newest } = this.#outbox.end();
        return this.#byEndpoint(({ deliveredThrough }) => newest - deliveredThrough);
      },
    });
    registerScrapedNumber(registry, {
      name: 'stowage_notifications_oldest_age_seconds',
      help: 'The age of the oldest event that an endpoint is not past; 0 when there is none.',
      type: 'gauge',
      joined: 'max',
      read: () =>
        this.#byEndpoint(({ deliveredThrough }) => {
          const createdAt = this.#outbox.createdAfter(deliveredThrough);
          return createdAt === undefined ? 0 : Math.max(0, this.#clock.now() - createdAt) / 1000;
        }),
    });
    registerScrapedNumber(registry, {
      name: 'stowage_notifications_failures',
      help: 'Attempts to tell an endpoint that have failed since one succeeded.',
      type: 'gauge',
      joined: 'max',
      read: () => this.#byEndpoint(({ failures }) => failures),
    });
  }

  #byEndpoint(value: (state: EndpointState) => number) {
    return this.#outbox
      .endpoints()
      .map((state) => ({ labels: { endpoint: state.name }, value: value(state) }));
  }
}
