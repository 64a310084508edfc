import { Agent as PlainAgent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { EventSender, SendOutcome } from '../../application/ports/messaging/event-sender.js';
import type { EndpointSettings } from '../../application/ports/messaging/notification-settings.js';
import type { RegistryEvent } from '../../domain/events/registry-event.js';
import { redactText } from '../observability/redact.js';
import { eventMessage } from './event-message.js';
import { post } from './post.js';

/** How long (ms) a connection is kept that nothing is sent by: shorter than servers keep theirs, mostly. */
const IDLE = 4_000;

/** Posts events to an endpoint, by connections that are kept. 200 to 399 means that it has taken the event. */
export class HttpEventSender implements EventSender {
  readonly #endpoint: EndpointSettings;
  readonly #agents = {
    'http:': new PlainAgent({ keepAlive: true, timeout: IDLE }),
    'https:': new TlsAgent({ keepAlive: true, timeout: IDLE }),
  };

  constructor(endpoint: EndpointSettings) {
    this.#endpoint = endpoint;
  }

  async send(event: RegistryEvent, signal: AbortSignal): Promise<SendOutcome> {
    const { url, headers, format, timeout } = this.#endpoint;
    const { contentType, body } = eventMessage(event, format);
    const message = { url: new URL(url), headers, contentType, body };
    try {
      const { code, status } = await post(message, this.#agents, timeout, signal);
      return { kind: code >= 200 && code < 400 ? 'accepted' : 'refused', status };
    } catch (error) {
      // Words of the system; an address with credentials is not among them, but nothing is lost by making sure.
      return {
        kind: 'unreached',
        reason: redactText(error instanceof Error ? error.message : String(error)),
      };
    }
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }
}
