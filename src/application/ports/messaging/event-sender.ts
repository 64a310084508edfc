import type { RegistryEvent } from '../../../domain/events/registry-event.js';
import type { EndpointSettings } from './notification-settings.js';

/**
 * What came of an attempt. `accepted` and `refused`: the endpoint has answered, with a status such as `200 OK`. `unreached`:
 * no answer came. Reasons are words for a log; they hold no credentials.
 */
export type SendOutcome =
  | { readonly kind: 'accepted'; readonly status: string }
  | { readonly kind: 'refused'; readonly status: string }
  | { readonly kind: 'unreached'; readonly reason: string };

/** Tells one endpoint. */
export interface EventSender {
  /**
   * Sends events one after the other, until one is not accepted or some time has passed. Never rejects for what the other
   * side does.
   * @returns what came of those that were tried, in their order: of the first one at least
   */
  send(events: readonly RegistryEvent[]): Promise<readonly SendOutcome[]>;
  /** Ends the attempts that run, as unreached. */
  cut(): void;
  /** Lets go of connections that are kept. */
  close(): void;
}

export type MakeEventSender = (endpoint: EndpointSettings) => EventSender;
