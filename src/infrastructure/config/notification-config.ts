import type { EventFormat, OutboxBounds } from '../../application/ports/messaging/notification-settings.js';
import type { IgnoredEvents } from '../../domain/events/event-filter.js';
import type { EventAction } from '../../domain/events/registry-event.js';

/** An endpoint as it is written. Times are milliseconds. */
export interface WrittenEndpoint {
  readonly name: string;
  readonly disabled: boolean;
  /** Empty: not given. */
  readonly url: string;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly timeout: number;
  readonly threshold: number;
  readonly backoff: number;
  /** The old name of `ignore.mediatypes`. */
  readonly ignoredmediatypes: readonly string[];
  readonly ignore: { readonly mediatypes: readonly string[]; readonly actions: readonly EventAction[] };
  readonly format: EventFormat;
}

/** The values of the keys below `notifications`. */
export interface NotificationConfig {
  readonly events: { readonly includereferences: boolean };
  readonly outbox: { readonly maxevents: number; readonly maxage: number };
  readonly endpoints: readonly WrittenEndpoint[];
}

/** The old key and the new one together. */
export function ignoredBy({ ignoredmediatypes, ignore }: WrittenEndpoint): IgnoredEvents {
  return { mediaTypes: [...ignoredmediatypes, ...ignore.mediatypes], actions: ignore.actions };
}

export function boundsOf({ outbox }: NotificationConfig): OutboxBounds {
  return { maxEvents: outbox.maxevents, maxAge: outbox.maxage };
}
