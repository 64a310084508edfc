import type { Registry } from 'prom-client';
import type { SendOutcome } from '../../application/ports/messaging/event-sender.js';
import type { NotificationMetrics } from '../../application/ports/system/notification-metrics.js';
import type { MetricsSource } from './prometheus-metrics.js';
import { registerScrapedNumber } from './scraped-number.js';

type EventType = 'Events' | 'Successes' | 'Failures' | 'Errors';

const TYPES: Readonly<Record<SendOutcome['kind'], EventType>> = {
  accepted: 'Successes',
  refused: 'Failures',
  unreached: 'Errors',
};

/** Numbers by two labels, which are all that were ever counted. */
class Tally {
  readonly #counts = new Map<string, { readonly labels: Readonly<Record<string, string>>; value: number }>();

  add(labels: Readonly<Record<string, string>>, count = 1): void {
    const key = JSON.stringify(labels);
    const entry = this.#counts.get(key) ?? { labels, value: 0 };
    entry.value += count;
    this.#counts.set(key, entry);
  }

  read() {
    return [...this.#counts.values()];
  }
}

/** What has become of events in this process. */
export class NotificationCounts implements NotificationMetrics, MetricsSource {
  readonly #events = new Tally();
  readonly #statuses = new Tally();
  readonly #dropped = new Tally();
  #pullsLost = 0;

  known(endpoint: string): void {
    for (const type of ['Events', ...Object.values(TYPES)]) this.#events.add({ type, endpoint }, 0);
    this.#dropped.add({ endpoint }, 0);
  }

  taken(endpoint: string, events: number): void {
    this.#events.add({ type: 'Events', endpoint }, events);
  }

  attempted(endpoint: string, outcome: SendOutcome): void {
    this.#events.add({ type: TYPES[outcome.kind], endpoint });
    if (outcome.kind !== 'unreached') this.#statuses.add({ code: outcome.status, endpoint });
  }

  dropped(endpoint: string, events: number): void {
    this.#dropped.add({ endpoint }, events);
  }

  pullsLost(events: number): void {
    this.#pullsLost += events;
  }

  register(registry: Registry): void {
    registerScrapedNumber(registry, {
      name: 'registry_notifications_events_total',
      help: 'Events taken up for an endpoint (Events), attempts that it took (Successes), that it answered otherwise (Failures), that had no answer (Errors).',
      type: 'counter',
      read: () => this.#events.read(),
    });
    registerScrapedNumber(registry, {
      name: 'registry_notifications_status_total',
      help: 'Answers of endpoints to events, by their status.',
      type: 'counter',
      read: () => this.#statuses.read(),
    });
    registerScrapedNumber(registry, {
      name: 'stowage_notifications_dropped_total',
      help: 'Events that an endpoint has not got because they were out of the bounds of the outbox.',
      type: 'counter',
      read: () => this.#dropped.read(),
    });
    registerScrapedNumber(registry, {
      name: 'stowage_notifications_pulls_lost_total',
      help: 'Pulls that no endpoint is told of because too many came at once.',
      type: 'counter',
      read: () => this.#pullsLost,
    });
  }
}
