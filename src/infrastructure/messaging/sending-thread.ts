import { Worker } from 'node:worker_threads';
import type { EventSender, SendOutcome } from '../../application/ports/messaging/event-sender.js';
import type { EndpointSettings } from '../../application/ports/messaging/notification-settings.js';
import type { RegistryEvent } from '../../domain/events/registry-event.js';
import type { SendingReply, SendingRequest } from './sending-worker.js';

interface Attempts {
  readonly settle: (outcomes: readonly SendOutcome[]) => void;
  readonly fail: (fault: Error) => void;
}

/**
 * Sends events from a thread of its own, which the first of them starts: a post costs the event loop more than the push
 * that it tells of. What comes up in one turn goes over together.
 */
export class SendingThread {
  readonly #open = new Map<number, EndpointSettings>();
  readonly #attempts = new Map<number, Attempts>();
  #worker: Worker | undefined;
  #next: SendingRequest[] = [];
  #lastSender = 0;
  #lastId = 0;

  senderTo(settings: EndpointSettings): EventSender {
    this.#lastSender += 1;
    const sender = this.#lastSender;
    this.#open.set(sender, settings);
    if (this.#worker !== undefined) this.#ask({ kind: 'open', sender, settings });
    return {
      send: (events) => this.#send(sender, events),
      cut: () => {
        if (this.#worker !== undefined) this.#ask({ kind: 'cut', sender });
      },
      close: () => {
        this.#open.delete(sender);
        if (this.#worker !== undefined) this.#ask({ kind: 'close', sender });
      },
    };
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #send(sender: number, events: readonly RegistryEvent[]): Promise<readonly SendOutcome[]> {
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#lastId += 1;
    const id = this.#lastId;
    this.#ask({ kind: 'send', sender, id, events });
    return new Promise((settle, fail) => {
      this.#attempts.set(id, { settle, fail });
    });
  }

  #ask(request: SendingRequest): void {
    if (this.#next.push(request) > 1) return;
    setImmediate(() => {
      const requests = this.#next;
      this.#next = [];
      this.#worker?.postMessage(requests, []);
    });
  }

  #start(): Worker {
    // Those that wait to be told are among them.
    this.#next = [];
    for (const [sender, settings] of this.#open) this.#ask({ kind: 'open', sender, settings });
    const worker = new Worker(new URL('./sending-worker.js', import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    worker.on('message', (replies: readonly SendingReply[]) => this.#finish(replies));
    let reason = 'the thread that sends events has ended';
    worker.once('error', (error) => {
      reason = `${reason}: ${error.message}`;
    });
    worker.once('exit', () => this.#lost(reason));
    return worker;
  }

  #finish(replies: readonly SendingReply[]): void {
    for (const reply of replies) {
      const attempt = this.#attempts.get(reply.id);
      this.#attempts.delete(reply.id);
      if ('fault' in reply) attempt?.fail(reply.fault);
      else attempt?.settle(reply.outcomes);
    }
    // An idle thread must not keep the process alive.
    if (this.#attempts.size === 0) this.#worker?.unref();
  }

  /** The next attempt starts a new thread. */
  #lost(reason: string): void {
    this.#worker = undefined;
    this.#next = [];
    const attempts = [...this.#attempts.values()];
    this.#attempts.clear();
    for (const { settle } of attempts) settle([{ kind: 'unreached', reason }]);
  }
}
