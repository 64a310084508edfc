import { parentPort } from 'node:worker_threads';
import type { SendOutcome } from '../../application/ports/messaging/event-sender.js';
import type { EndpointSettings } from '../../application/ports/messaging/notification-settings.js';
import type { RegistryEvent } from '../../domain/events/registry-event.js';
import { HttpEventSender } from './http-event-sender.js';

/** What the thread is asked for; senders have the numbers that the other side gives them. */
export type SendingRequest =
  | { readonly kind: 'open'; readonly sender: number; readonly settings: EndpointSettings }
  | {
      readonly kind: 'send';
      readonly sender: number;
      readonly id: number;
      readonly events: readonly RegistryEvent[];
    }
  | { readonly kind: 'cut' | 'close'; readonly sender: number };

/** What came of the events of that id; `fault` is one of the program. */
export type SendingReply =
  | { readonly id: number; readonly outcomes: readonly SendOutcome[] }
  | { readonly id: number; readonly fault: Error };

const senders = new Map<number, HttpEventSender>();
/** Those of one turn go back together. */
let replies: SendingReply[] = [];

parentPort?.on('message', (requests: readonly SendingRequest[]) => {
  for (const request of requests) serve(request);
});

function serve(request: SendingRequest): void {
  if (request.kind === 'open') {
    senders.set(request.sender, new HttpEventSender(request.settings));
    return;
  }
  const sender = senders.get(request.sender);
  if (request.kind === 'send') void send(request.id, request.events, sender);
  else if (request.kind === 'cut') sender?.cut();
  else {
    sender?.close();
    senders.delete(request.sender);
  }
}

async function send(
  id: number,
  events: readonly RegistryEvent[],
  sender: HttpEventSender | undefined,
): Promise<void> {
  try {
    if (sender === undefined) throw new Error('the endpoint is not known to the thread that sends');
    reply({ id, outcomes: await sender.send(events) });
  } catch (error) {
    reply({ id, fault: error instanceof Error ? error : new Error(String(error)) });
  }
}

function reply(one: SendingReply): void {
  if (replies.push(one) > 1) return;
  setImmediate(() => {
    const ready = replies;
    replies = [];
    parentPort?.postMessage(ready, []);
  });
}
