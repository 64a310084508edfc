import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What goes wrong with one request. `forward`: whether the store gets it all the same. */
export type S3Fault =
  /** Another answer than the store's; it never gets the request. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly code?: string;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** Instead of the XML of an error. */
      readonly body?: string;
    }
  /** The connection is cut: before the store gets the request, or when it has answered. */
  | { readonly kind: 'cut'; readonly forward: boolean }
  /** Nothing is ever answered. */
  | { readonly kind: 'silent'; readonly forward: boolean }
  /** The head and half of the body come; then the connection is cut, or nothing follows. */
  | { readonly kind: 'half'; readonly afterwards: 'cut' | 'silence' }
  /** The answer announces more bytes than it has, or fewer. */
  | { readonly kind: 'length'; readonly difference: number }
  /** The store gets the request when `release` is called; the client's connection is cut long before. */
  | { readonly kind: 'late' }
  /** The store's answer, but for headers. */
  | { readonly kind: 'headers'; readonly headers: Readonly<Record<string, string>> };

export interface SeenRequest {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

interface Injected {
  readonly matches: (request: SeenRequest) => boolean;
  readonly fault: S3Fault;
  left: number;
}

interface StoreAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Stands between a client and a store on loopback, passes on what it gets, and does wrong what it is told to. */
export class FaultyS3 {
  /** Every request, in the order in which they came. */
  readonly requests: SeenRequest[] = [];
  /** How many were ever opened. */
  connections = 0;
  readonly #upstream: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #injected: Injected[] = [];
  #held: SeenRequest[] = [];

  private constructor(upstream: number) {
    this.#upstream = upstream;
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    });
    this.#server.on('connection', (socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async before(upstreamPort: number): Promise<FaultyS3> {
    const faulty = new FaultyS3(upstreamPort);
    faulty.#server.listen(0, '127.0.0.1');
    await once(faulty.#server, 'listening');
    return faulty;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The next requests that match, so many of them, get the fault. */
  inject(fault: S3Fault, matches: (request: SeenRequest) => boolean = () => true, times = 1): void {
    this.#injected.push({ fault, matches, left: times });
  }

  /** Nothing goes wrong any more. */
  heal(): void {
    this.#injected = [];
  }

  /** Gives the store what is late. @returns what it answered */
  async release(): Promise<readonly StoreAnswer[]> {
    const held = this.#held;
    this.#held = [];
    return Promise.all(held.map(async (request) => this.#forward(request)));
  }

  /** Ends every connection that is open, as a restart of a store does. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.dropConnections();
    await once(this.#server, 'close');
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = request;
    const seen = { method, url, headers, body: Buffer.concat(chunks) };
    this.requests.push(seen);
    const injected = this.#injected.find(({ left, matches }) => left > 0 && matches(seen));
    if (injected === undefined) return send(response, await this.#forward(seen));
    injected.left -= 1;
    return this.#spoil(injected.fault, seen, response);
  }

  async #spoil(fault: S3Fault, seen: SeenRequest, response: ServerResponse): Promise<void> {
    switch (fault.kind) {
      case 'answer':
        response.writeHead(fault.status, fault.headers);
        response.end(bodyOf(fault));
        return;
      case 'cut':
        if (fault.forward) await this.#forward(seen);
        response.destroy();
        return;
      case 'silent':
        if (fault.forward) await this.#forward(seen);
        return;
      case 'late':
        this.#held.push(seen);
        response.destroy();
        return;
      case 'headers': {
        const answer = await this.#forward(seen);
        return send(response, { ...answer, headers: { ...answer.headers, ...fault.headers } });
      }
      case 'half':
      case 'length':
        return this.#shorten(fault, await this.#forward(seen), response);
    }
  }

  #shorten(
    fault: Extract<S3Fault, { kind: 'half' | 'length' }>,
    { status, headers, body }: StoreAnswer,
    response: ServerResponse,
  ): void {
    const length = fault.kind === 'half' ? body.length : body.length + fault.difference;
    response.strictContentLength = false;
    response.writeHead(status, { ...headers, 'content-length': String(length) });
    const sent = fault.kind === 'half' ? body.subarray(0, body.length / 2) : body;
    response.write(sent, () => {
      if (fault.kind === 'length' || fault.afterwards === 'cut') response.destroy();
    });
  }

  async #forward({ method, url, headers, body }: SeenRequest): Promise<StoreAnswer> {
    const request = httpRequest({
      host: '127.0.0.1',
      port: this.#upstream,
      method,
      path: url,
      headers,
      agent: false,
    });
    request.end(body);
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) };
  }
}

function bodyOf({ body, code, message = '' }: Extract<S3Fault, { kind: 'answer' }>): string {
  if (body !== undefined) return body;
  return code === undefined ? '' : `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}

function send(response: ServerResponse, { status, headers, body }: StoreAnswer): void {
  const { connection: _connection, 'transfer-encoding': _encoding, ...kept } = headers;
  response.writeHead(status, kept);
  response.end(body);
}
