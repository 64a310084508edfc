import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EndpointSettings } from '../../src/application/ports/messaging/notification-settings.js';
import { freePort } from './start-registry.js';

const PATIENCE_MS = 100_000;

/** An event as it comes over the wire. */
export interface WireEvent {
  readonly id: string;
  readonly action: string;
  readonly target: Readonly<Record<string, unknown>> & {
    readonly repository: string;
    readonly digest: string;
    readonly tag?: string;
  };
  readonly request: Readonly<Record<string, string>>;
  readonly actor: { readonly name?: string };
  readonly source: Readonly<Record<string, string>>;
}

export interface ReceivedPost {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What an endpoint does with a request whose body has come. */
export type Behaviour = (res: ServerResponse, post: ReceivedPost, socket: IncomingMessage['socket']) => void;

export const ACCEPTS: Behaviour = (res) => void res.end();

/** An endpoint of notifications, on a port of its own that it keeps. */
export class EventEndpoint {
  readonly port: number;
  readonly url: string;
  /** What it has accepted, in the order in which it came. */
  readonly accepted: ReceivedPost[] = [];
  /** The events in it; those that came twice are there twice. */
  readonly events: WireEvent[] = [];
  /** How many requests have come. */
  requests = 0;
  behaviour: Behaviour = ACCEPTS;
  #server: Server | undefined;

  private constructor(port: number) {
    this.port = port;
    this.url = `http://127.0.0.1:${port}/hook`;
  }

  static async start(): Promise<EventEndpoint> {
    const endpoint = new EventEndpoint(await freePort());
    await endpoint.start();
    return endpoint;
  }

  async start(): Promise<void> {
    const server = createServer((req, res) => void this.#take(req, res));
    this.#server = server;
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
  }

  /** Nobody listens there any more. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  /** @throws Error when it does not become true */
  async until(what: string, isTrue: () => boolean): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!isTrue()) {
      if (performance.now() > deadline) {
        throw new Error(`${what} did not come true; ${this.accepted.length} events were accepted`);
      }
      await sleep(20);
    }
  }

  async #take(req: IncomingMessage, res: ServerResponse): Promise<void> {
    this.requests += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method = '', url: path = '', headers } = req;
    const post = { method, path, headers, body: Buffer.concat(chunks).toString() };
    res.once('finish', () => {
      if (res.statusCode >= 300) return;
      this.accepted.push(post);
      if (method === 'POST') this.events.push(...(JSON.parse(post.body) as { events: WireEvent[] }).events);
    });
    this.behaviour(res, post, req.socket);
  }
}

/** As the configuration makes it of a name and an address. */
export function endpointSettings(
  name: string,
  url: string,
  more: Partial<EndpointSettings> = {},
): EndpointSettings {
  return {
    name,
    url,
    headers: new Map(),
    timeout: 1_000,
    threshold: 10,
    backoff: 1_000,
    ignore: { mediaTypes: [], actions: [] },
    format: 'distribution',
    ...more,
  };
}

/** The same of the whole section. */
export function notificationSettings(...endpoints: readonly EndpointSettings[]) {
  const outbox = { maxEvents: 1_000_000, maxAge: 604_800_000 };
  return { includeReferences: false, outbox, endpoints };
}
