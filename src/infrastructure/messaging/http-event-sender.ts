import { Agent as PlainAgent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { EventSender, SendOutcome } from '../../application/ports/messaging/event-sender.js';
import type { EndpointSettings } from '../../application/ports/messaging/notification-settings.js';
import type { RegistryEvent } from '../../domain/events/registry-event.js';
import { redactText } from '../observability/redact.js';
import { eventMessage } from './event-message.js';
import { Post, postAddress, type PostTarget } from './post.js';

/** After so long (ms) what came of the first ones is told, before the others are sent. */
const LONGEST_RUN = 100;

/** Posts events to an endpoint, by connections that are kept. 200 to 399 means that it has taken the event. */
export class HttpEventSender implements EventSender {
  readonly #format: EndpointSettings['format'];
  readonly #target: PostTarget;
  readonly #running = new Set<Post>();

  constructor({ url, headers, timeout, format }: EndpointSettings) {
    this.#format = format;
    const address = new URL(url);
    this.#target = {
      address: postAddress(address, address, headers),
      headers,
      timeout,
      agents: {
        'http:': new PlainAgent({ keepAlive: true }),
        'https:': new TlsAgent({ keepAlive: true }),
      },
    };
  }

  async send(events: readonly RegistryEvent[]): Promise<readonly SendOutcome[]> {
    const outcomes: SendOutcome[] = [];
    const until = performance.now() + LONGEST_RUN;
    for (const event of events) {
      const outcome = await this.#post(event);
      outcomes.push(outcome);
      if (outcome.kind !== 'accepted' || performance.now() > until) break;
    }
    return outcomes;
  }

  async #post(event: RegistryEvent): Promise<SendOutcome> {
    const post = new Post(this.#target, eventMessage(event, this.#format));
    this.#running.add(post);
    try {
      const { code, status } = await post.send();
      return { kind: code >= 200 && code < 400 ? 'accepted' : 'refused', status };
    } catch (error) {
      // Words of the system: an address is not among them, but nothing is lost by making sure.
      return {
        kind: 'unreached',
        reason: redactText(error instanceof Error ? error.message : String(error)),
      };
    } finally {
      this.#running.delete(post);
    }
  }

  cut(): void {
    for (const post of this.#running) post.cut(new Error('the registry stops'));
  }

  close(): void {
    for (const agent of Object.values(this.#target.agents)) agent.destroy();
  }
}
