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
  /** Never rejects for what the other side does. */
  send(event: RegistryEvent): Promise<SendOutcome>;
  /** Ends the attempts that run, as unreached. */
  cut(): void;
  /** Lets go of connections that are kept. */
  close(): void;
}

export type MakeEventSender = (endpoint: EndpointSettings) => EventSender;
