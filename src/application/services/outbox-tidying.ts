import type { Outbox, OutboxLimit } from '../ports/metadata/outbox.js';
import type { OutboxBounds } from '../ports/messaging/notification-settings.js';
import type { Clock } from '../ports/system/clock.js';
import type { Logger } from '../ports/system/logger.js';
import type { NotificationMetrics } from '../ports/system/notification-metrics.js';
import type { EventSubscriptions } from './event-subscriptions.js';
import { Seldom } from './seldom.js';

/** Rows of one transaction, so that it does not hold up requests. */
const AT_ONCE = 500;
/** Transactions of one run: the next one goes on. */
const MOST_ROUNDS = 20;
const ONE_MINUTE = 60_000;

/** Keeps the outbox small: what everybody has got goes, and the oldest of what is out of bounds. */
export class OutboxTidying {
  readonly #outbox: Outbox;
  readonly #subscriptions: EventSubscriptions;
  readonly #metrics: Pick<NotificationMetrics, 'dropped'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #seldom: Seldom;
  /** What was dropped and not yet told, by endpoint. */
  readonly #untold = new Map<string, number>();

  constructor(
    outbox: Outbox,
    subscriptions: EventSubscriptions,
    metrics: Pick<NotificationMetrics, 'dropped'>,
    clock: Clock,
    logger: Logger,
  ) {
    this.#outbox = outbox;
    this.#subscriptions = subscriptions;
    this.#metrics = metrics;
    this.#clock = clock;
    this.#logger = logger;
    this.#seldom = new Seldom(clock, ONE_MINUTE);
  }

  async run(bounds: OutboxBounds): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const removed = await this.#outbox.removeDelivered(AT_ONCE);
      if (removed < AT_ONCE) break;
    }
    await this.#drop({
      through: this.#outbox.end().newest - bounds.maxEvents,
      writtenBefore: this.#clock.now() - bounds.maxAge,
    });
    this.#tell();
  }

  async #drop(limit: OutboxLimit): Promise<void> {
    const wants = this.#subscriptions.wants.bind(this.#subscriptions);
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const dropped = await this.#outbox.drop(limit, AT_ONCE, wants);
      if (dropped === undefined) return;
      for (const [endpoint, events] of dropped) {
        this.#metrics.dropped(endpoint, events);
        this.#untold.set(endpoint, (this.#untold.get(endpoint) ?? 0) + events);
      }
    }
  }

  #tell(): void {
    if (this.#untold.size === 0 || !this.#seldom.pass()) return;
    for (const [endpoint, events] of this.#untold) {
      this.#logger.warn('events were dropped that the endpoint has not got', { endpoint, events });
    }
    this.#untold.clear();
  }
}
