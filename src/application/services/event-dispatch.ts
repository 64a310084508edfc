import type { EndpointProgress, Outbox } from '../ports/metadata/outbox.js';
import type { MakeEventSender } from '../ports/messaging/event-sender.js';
import type { EndpointSettings, NotificationSettings } from '../ports/messaging/notification-settings.js';
import type { DeliveryRight } from '../ports/system/delivery-right.js';
import type { NotificationMetrics } from '../ports/system/notification-metrics.js';
import { EndpointDelivery, type DeliveryParts } from './endpoint-delivery.js';
import type { EventSubscriptions } from './event-subscriptions.js';
import type { OutboxTidying } from './outbox-tidying.js';
import { Seldom } from './seldom.js';

const ONE_MINUTE = 60_000;
/** How often (ms) a process looks whether the one that delivers has ended. */
const LOOK_AGAIN = 5_000;

export interface DispatchParts extends DeliveryParts {
  readonly outbox: Outbox;
  readonly subscriptions: EventSubscriptions;
  readonly metrics: NotificationMetrics;
  readonly right: DeliveryRight;
  readonly tidying: Pick<OutboxTidying, 'run'>;
  readonly makeSender: MakeEventSender;
}

/**
 * Delivers what waits in the outbox to all endpoints. Of the processes that share a database one does so; the others only
 * note events. What is delivered and not noted yet when the process is killed is delivered again.
 */
export class EventDispatch {
  readonly #parts: DispatchParts;
  readonly #seldom: Seldom;
  readonly #look: Seldom;
  #settings: NotificationSettings | undefined;
  #deliveries: readonly EndpointDelivery[] = [];
  #isOurs = false;
  /** Whether another process has delivered since this one began. */
  #hasWaited = false;
  #isStopped = false;
  /** One after the other: what replaces the endpoints, and what works with them. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: DispatchParts) {
    this.#parts = parts;
    this.#seldom = new Seldom(parts.clock, ONE_MINUTE);
    this.#look = new Seldom(parts.clock, LOOK_AGAIN);
  }

  /**
   * From now on these endpoints are told, also while events are delivered: those that are the same go on, a new one gets
   * what comes from now on, one that is gone is forgotten.
   */
  replaceSettings(settings: NotificationSettings): Promise<void> {
    return this.#inTurn(async () => {
      const names = settings.endpoints.map(({ name }) => name);
      await this.#parts.outbox.register(names);
      for (const name of names) this.#parts.metrics.known(name);
      const before = new Set(this.#settings?.endpoints.map(({ name }) => name));
      this.#settings = settings;
      this.#parts.subscriptions.replace(settings);
      if (this.#isOurs) await this.#deliverTo(settings.endpoints, (name) => before.has(name));
    });
  }

  /** Takes up what has come, and notes what was delivered. Never rejects for a fault of the database: it goes on later. */
  tick(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#settings === undefined || this.#isStopped) return;
      try {
        if (!(await this.#haveRight(this.#settings))) return;
        this.#passRetries();
        const polls = await Promise.allSettled(this.#deliveries.map((delivery) => delivery.poll()));
        await this.#note();
        const fault = polls.find((poll) => poll.status === 'rejected');
        if (fault !== undefined) this.#tell(fault.reason);
      } catch (error) {
        this.#tell(error);
      }
    });
  }

  /** Removes what nobody waits for any more, or too long. Never rejects for a fault of the database. */
  async tidy(): Promise<void> {
    if (this.#settings === undefined || !this.#isOurs) return;
    try {
      await this.#parts.tidying.run(this.#settings.outbox);
    } catch (error) {
      this.#tell(error);
    }
  }

  /** No attempt begins any more; those that run have `timeout` ms to end. What waits is for the next start. */
  stop(timeout: number): Promise<void> {
    return this.#inTurn(async () => {
      this.#isStopped = true;
      await this.#stop(this.#deliveries, timeout);
      try {
        await this.#note();
      } finally {
        this.#deliveries = [];
        this.#isOurs = false;
        this.#parts.right.release();
      }
    });
  }

  async #haveRight({ endpoints }: NotificationSettings): Promise<boolean> {
    if (this.#isOurs) return true;
    if (!this.#look.pass() || !this.#hasWork(endpoints)) return false;
    if (!this.#parts.right.take()) {
      this.#hasWaited = true;
      return false;
    }
    // The process that delivered until now may come back, and know more endpoints.
    const mayForget = !this.#hasWaited;
    await this.#deliverTo(endpoints, () => mayForget);
    return true;
  }

  /** Where there never was an endpoint there is nothing to deliver, to forget or to remove. */
  #hasWork(endpoints: readonly EndpointSettings[]): boolean {
    const { outbox } = this.#parts;
    return endpoints.length > 0 || outbox.endpoints().length > 0 || outbox.end().oldest !== undefined;
  }

  /** @param mayForget by name: whether an endpoint that is not among these is forgotten, or keeps what waits for it */
  async #deliverTo(
    endpoints: readonly EndpointSettings[],
    mayForget: (name: string) => boolean,
  ): Promise<void> {
    const { outbox, makeSender } = this.#parts;
    // When the database fails on the way, it is begun anew.
    this.#isOurs = false;
    const kept = this.#deliveries.filter(({ settings }) => endpoints.some((each) => isSame(each, settings)));
    await this.#stop(
      this.#deliveries.filter((delivery) => !kept.includes(delivery)),
      0,
    );
    await this.#note();
    this.#deliveries = kept;
    await outbox.register(endpoints.map(({ name }) => name));
    const added: EndpointDelivery[] = [];
    for (const state of outbox.endpoints()) {
      const settings = endpoints.find(({ name }) => name === state.name);
      if (settings === undefined) {
        if (mayForget(state.name)) await this.#forget(state.name);
      } else if (!kept.some((delivery) => delivery.settings.name === state.name)) {
        added.push(new EndpointDelivery(settings, state, makeSender(settings), this.#parts));
      }
    }
    this.#deliveries = [...kept, ...added];
    this.#isOurs = true;
  }

  async #forget(endpoint: string): Promise<void> {
    const events = await this.#parts.outbox.forget(endpoint);
    this.#parts.logger.warn('endpoint is no longer configured and is forgotten', { endpoint, events });
  }

  async #stop(deliveries: readonly EndpointDelivery[], timeout: number): Promise<void> {
    if (deliveries.length === 0) return;
    await Promise.all(deliveries.map((delivery) => delivery.stop(AbortSignal.timeout(Math.ceil(timeout)))));
  }

  #passRetries(): void {
    if (!this.#deliveries.some(({ isFailing }) => isFailing)) return;
    for (const { name, retriesAsked } of this.#parts.outbox.endpoints()) {
      this.#deliveries.find(({ settings }) => settings.name === name)?.retryIfAsked(retriesAsked);
    }
  }

  async #note(): Promise<void> {
    const noted = new Map<EndpointDelivery, EndpointProgress>();
    for (const delivery of this.#deliveries) {
      const progress = delivery.progress();
      if (progress !== undefined) noted.set(delivery, progress);
    }
    if (noted.size === 0) return;
    try {
      await this.#parts.outbox.advance([...noted.values()]);
      for (const [delivery, progress] of noted) delivery.noted(progress);
    } catch (error) {
      for (const delivery of noted.keys()) delivery.notNoted();
      throw error;
    }
  }

  #tell(error: unknown): void {
    if (!this.#seldom.pass()) return;
    this.#parts.logger.error('events could not be delivered for now; they wait', { error });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    // Whoever asked for it is told of its failure; the next turn comes all the same.
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

function isSame(one: EndpointSettings, other: EndpointSettings): boolean {
  return textOf(one) === textOf(other);
}

function textOf(settings: EndpointSettings): string {
  return JSON.stringify({ ...settings, headers: [...settings.headers] });
}
