import { DeliveryBreaker } from '../../domain/events/delivery-breaker.js';
import type { RegistryEvent } from '../../domain/events/registry-event.js';
import type { DurabilityBarrier } from '../ports/metadata/durability-barrier.js';
import type { EndpointProgress, EndpointState, Outbox } from '../ports/metadata/outbox.js';
import type { EventSender, SendOutcome } from '../ports/messaging/event-sender.js';
import type { EndpointSettings } from '../ports/messaging/notification-settings.js';
import type { Clock } from '../ports/system/clock.js';
import type { Logger } from '../ports/system/logger.js';
import type { NotificationMetrics } from '../ports/system/notification-metrics.js';
import { DeliveryWindow, type WindowEntry } from './delivery-window.js';
import type { EventSubscriptions } from './event-subscriptions.js';

/** Attempts at once, each for another repository. */
const MOST_AT_ONCE = 8;
/** Events of one repository that are handed over together. */
const RUN = 16;
/** Events that are known at once, without what they tell. */
const WINDOW = 1_000;

export interface DeliveryParts {
  readonly outbox: Pick<Outbox, 'after' | 'read'>;
  readonly barrier: Pick<DurabilityBarrier, 'wait'>;
  readonly subscriptions: Pick<EventSubscriptions, 'wants'>;
  readonly metrics: Pick<NotificationMetrics, 'taken' | 'attempted'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Delivers to one endpoint: in the order of the commits for each repository, several repositories at once, each event until
 * it is taken. After many failures it is tried from time to time only.
 */
export class EndpointDelivery {
  readonly settings: EndpointSettings;
  readonly #parts: DeliveryParts;
  readonly #sender: EventSender;
  readonly #window: DeliveryWindow;
  readonly #breaker: DeliveryBreaker;
  readonly #running = new Set<Promise<void>>();
  #retriesAsked: number;
  #delivered = 0;
  #lastError: string | undefined;
  #lastAttempt: number | undefined;
  /** What the database has thrown and nobody has been told. */
  #fault: Error | undefined;
  /** What has not been noted yet. */
  #unnoted = false;
  #isStopping = false;
  #noted: number;

  constructor(settings: EndpointSettings, state: EndpointState, sender: EventSender, parts: DeliveryParts) {
    this.settings = settings;
    this.#parts = parts;
    this.#sender = sender;
    this.#window = new DeliveryWindow(state.deliveredThrough);
    this.#noted = state.deliveredThrough;
    this.#breaker = new DeliveryBreaker(settings);
    this.#retriesAsked = state.retriesAsked;
    this.#lastError = state.lastError;
    this.#lastAttempt = state.lastAttempt;
  }

  /** Whether something waits for its next attempt. */
  get isFailing(): boolean {
    return this.#breaker.failures > 0;
  }

  /** Takes up what has come, and tries what is due. @throws what the database has thrown since the last time */
  async poll(): Promise<void> {
    const fault = this.#fault;
    this.#fault = undefined;
    if (fault !== undefined) throw fault;
    await this.#read();
    this.#tryDue();
  }

  /** @param asked how often anybody has ever asked for an attempt at once */
  retryIfAsked(asked: number): void {
    if (asked === this.#retriesAsked) return;
    this.#retriesAsked = asked;
    this.#breaker.beDue();
    this.#window.wake();
    this.#tryDue();
  }

  /** What has to be noted; undefined when there is nothing new. */
  progress(): EndpointProgress | undefined {
    const { through } = this.#window;
    if (!this.#unnoted && through === this.#noted) return undefined;
    this.#unnoted = false;
    return {
      name: this.settings.name,
      deliveredThrough: through,
      delivered: this.#delivered,
      failures: this.#breaker.failures,
      lastError: this.#lastError,
      lastAttempt: this.#lastAttempt,
      retryAt: this.#breaker.retryAt,
    };
  }

  noted({ delivered, deliveredThrough }: EndpointProgress): void {
    this.#delivered -= delivered;
    this.#noted = deliveredThrough;
  }

  notNoted(): void {
    this.#unnoted = true;
  }

  /**
   * No attempt begins any more. Resolves when those that run have ended, which they are made to when `signal` is aborted.
   */
  async stop(signal: AbortSignal): Promise<void> {
    this.#isStopping = true;
    const cut = (): void => this.#sender.cut();
    signal.addEventListener('abort', cut, { once: true });
    if (signal.aborted) cut();
    await Promise.all(this.#running);
    signal.removeEventListener('abort', cut);
    this.#sender.close();
  }

  /** Nothing is told before it is durable: it might not have happened after a power loss. */
  async #read(): Promise<void> {
    const { outbox, barrier, subscriptions, metrics } = this.#parts;
    const room = WINDOW - this.#window.size;
    if (room <= 0 || this.#isStopping) return;
    const events = outbox.after(this.#window.readThrough, room);
    if (events.length === 0) return;
    await barrier.wait();
    const { name } = this.settings;
    let wanted = 0;
    for (const event of events) {
      const isWanted = subscriptions.wants(name, event);
      if (isWanted) wanted += 1;
      this.#window.add(event, isWanted);
    }
    metrics.taken(name, wanted);
  }

  #tryDue(): void {
    while (this.#mayTry()) {
      const run = this.#window.take(this.#parts.clock.now(), this.#breaker.isOpen ? 1 : RUN);
      if (run.length === 0) return;
      const attempt = this.#attempt(run).finally(() => {
        this.#running.delete(attempt);
        this.#tryDue();
      });
      this.#running.add(attempt);
    }
  }

  #mayTry(): boolean {
    if (this.#isStopping || this.#running.size >= MOST_AT_ONCE) return false;
    if (!this.#breaker.mayTry(this.#parts.clock.now())) return false;
    return !this.#breaker.isOpen || this.#running.size === 0;
  }

  async #attempt(run: readonly WindowEntry[]): Promise<void> {
    try {
      const events = run.map(({ id }) => this.#parts.outbox.read(id));
      // The others were dropped meanwhile.
      const waiting = events.filter((event) => event !== undefined);
      const outcomes = waiting.length === 0 ? [] : await this.#sender.send(waiting);
      this.#judge(run, events, outcomes);
    } catch (error) {
      // Told by the next poll, which has somebody to tell it to.
      this.#fault = error instanceof Error ? error : new Error(String(error));
      for (const entry of run) entry.notBefore = this.#parts.clock.now() + this.settings.backoff;
      this.#window.putBack(run, 0);
    }
  }

  /** @param outcomes of those events that are there; the last ones may not have been tried */
  #judge(
    run: readonly WindowEntry[],
    events: readonly (RegistryEvent | undefined)[],
    outcomes: readonly SendOutcome[],
  ): void {
    const left = outcomes.values();
    for (const [done, entry] of run.entries()) {
      if (events[done] === undefined) continue;
      const { value: outcome } = left.next();
      if (outcome === undefined) {
        this.#window.finish(run, done);
        return;
      }
      if (!this.#isTaken(entry, outcome)) {
        this.#window.putBack(run, done);
        return;
      }
    }
    this.#window.finish(run);
  }

  #isTaken(entry: WindowEntry, outcome: SendOutcome): boolean {
    const { clock, metrics } = this.#parts;
    if (this.#isStopping && outcome.kind === 'unreached') return false;
    metrics.attempted(this.settings.name, outcome);
    this.#unnoted = true;
    this.#lastAttempt = clock.now();
    if (outcome.kind === 'accepted') this.#succeed();
    else this.#fail(entry, outcome.kind === 'refused' ? `status ${outcome.status}` : outcome.reason);
    return outcome.kind === 'accepted';
  }

  #succeed(): void {
    const { logger } = this.#parts;
    if (this.#breaker.isOpen) logger.info('endpoint takes events again', { endpoint: this.settings.name });
    this.#breaker.succeeded();
    this.#delivered += 1;
  }

  #fail(entry: WindowEntry, reason: string): void {
    const { clock, logger } = this.#parts;
    const { name, threshold, backoff } = this.settings;
    const wasOpen = this.#breaker.isOpen;
    const now = clock.now();
    this.#breaker.failed(now);
    this.#lastError = reason;
    if (!wasOpen && this.#breaker.isOpen) {
      logger.warn('endpoint does not take events; they wait', {
        endpoint: name,
        reason,
        failures: threshold,
      });
    }
    entry.failures += 1;
    // One that is refused again and again while others are taken must not be tried without a pause.
    entry.notBefore = entry.failures >= threshold ? now + backoff : 0;
  }
}
