import type { BreakerTerms } from '../../../domain/events/delivery-breaker.js';
import type { IgnoredEvents } from '../../../domain/events/event-filter.js';

/** Who is told of events, and how. Its header values are secrets, and so may be a part of its address. */
export interface EndpointSettings extends BreakerTerms {
  readonly name: string;
  readonly url: string;
  /** Of each request: names with their values. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** Milliseconds for one attempt, redirects included. */
  readonly timeout: number;
  readonly ignore: IgnoredEvents;
  readonly format: EventFormat;
}

/** `distribution`: the envelope of the reference registry. `cloudevents`: CloudEvents 1.0, structured mode, JSON. */
export const EVENT_FORMATS = ['distribution', 'cloudevents'] as const;
export type EventFormat = (typeof EVENT_FORMATS)[number];

/** Events that are kept for endpoints that do not take them. The oldest go first. */
export interface OutboxBounds {
  readonly maxEvents: number;
  /** Milliseconds. */
  readonly maxAge: number;
}

export interface NotificationSettings {
  /** Whether events of manifests tell what these reference. */
  readonly includeReferences: boolean;
  readonly outbox: OutboxBounds;
  /** Names differ. */
  readonly endpoints: readonly EndpointSettings[];
}
