import {
  request as plainRequest,
  STATUS_CODES,
  type Agent as PlainAgent,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestOptions,
} from 'node:http';
import { request as tlsRequest, type Agent as TlsAgent } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { connectionFault } from '../outgoing/connection-fault.js';
import { follow, headersTo, isRedirect, MOST_REDIRECTS } from '../outgoing/redirects.js';
import type { EventMessage } from './event-message.js';

/** How long (ms) and up to how many bytes an answer is read that nobody wants, so that its connection can be kept. */
const PATIENCE = 2_000;
const READABLE = 64 * 1024;
/** The body of these is sent on; the others are followed by GET, as browsers and Go's client do. */
const KEEPS_METHOD: ReadonlySet<number> = new Set([307, 308]);
/** How a connection ends that the other side has closed. */
const STALE: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);
const USER_AGENT = { 'User-Agent': 'stowage' };

/** Where messages are posted, and by which connections. */
export interface PostTarget {
  readonly address: PostAddress;
  /** Added to those that every message has. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly agents: { readonly 'http:': PlainAgent; readonly 'https:': TlsAgent };
  /** Milliseconds for all of one post, redirects included. */
  readonly timeout: number;
}

/** An address with what `request` takes for it, which costs as much to make as a request. */
export interface PostAddress {
  readonly url: URL;
  readonly options: RequestOptions;
  readonly headers: OutgoingHttpHeaders;
}

/**
 * @param first the one that was configured
 * @param headers that were configured for it
 */
export function postAddress(url: URL, first: URL, headers: PostTarget['headers']): PostAddress {
  // Credentials in the address are sent as Authorization. All else that it has is left out: Node copies these several
  // times for each request.
  const { protocol, hostname, port, path, auth } = urlToHttpOptions(url);
  return {
    url,
    options: { protocol, hostname, port, path, auth },
    headers: { ...USER_AGENT, ...headersTo(url, first, headers) },
  };
}

export interface PostedAnswer {
  readonly code: number;
  /** Code and its usual words: `200 OK`. */
  readonly status: string;
}

interface Asked {
  readonly address: PostAddress;
  readonly method: 'GET' | 'POST';
  readonly headers: OutgoingHttpHeaders;
}

/** The other side had closed a connection that was kept just when it was used again. */
class StaleConnection extends Error {}

/** One message on its way. An AbortSignal and what hangs on it would cost more than all the rest. */
export class Post {
  readonly #target: PostTarget;
  readonly #message: EventMessage;
  #request: ClientRequest | undefined;
  #cutBy: Error | undefined;

  constructor(target: PostTarget, message: EventMessage) {
    this.#target = target;
    this.#message = message;
  }

  /** Posts it, and follows at most 10 redirects. @throws Error that says why there is no answer */
  async send(): Promise<PostedAnswer> {
    const { timeout } = this.#target;
    const timer = setTimeout(() => this.cut(new Error(`no answer within ${timeout} ms`)), timeout);
    try {
      return await this.#follow();
    } catch (error) {
      // What ended it says more than how it came to its end.
      throw this.#cutBy ?? error;
    } finally {
      clearTimeout(timer);
    }
  }

  cut(reason: Error): void {
    this.#cutBy ??= reason;
    this.#request?.destroy(reason);
  }

  async #follow(): Promise<PostedAnswer> {
    const { address: first, headers } = this.#target;
    let address = first;
    let isPost = true;
    for (let redirects = 0; ; redirects += 1) {
      const answer = await this.#ask(isPost ? this.#posting(address) : this.#getting(address));
      const code = answer.statusCode ?? 0;
      const { location } = answer.headers;
      letGo(answer);
      if (location === undefined || !isRedirect(code)) {
        return { code, status: `${code} ${STATUS_CODES[code] ?? ''}`.trimEnd() };
      }
      if (redirects === MOST_REDIRECTS) throw new Error(`more than ${MOST_REDIRECTS} redirects`);
      address = postAddress(follow(address.url, location), first.url, headers);
      isPost &&= KEEPS_METHOD.has(code);
    }
  }

  #posting(address: PostAddress): Asked {
    const { contentType, body } = this.#message;
    const types = [contentType, ...(this.#target.headers.get('Content-Type') ?? [])];
    const own = { 'Content-Type': types, 'Content-Length': Buffer.byteLength(body) };
    return { address, method: 'POST', headers: { ...address.headers, ...own } };
  }

  #getting(address: PostAddress): Asked {
    return { address, method: 'GET', headers: address.headers };
  }

  async #ask(asked: Asked): Promise<IncomingMessage> {
    try {
      return await this.#askOnce(asked);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      return this.#ask(asked);
    }
  }

  async #askOnce({ address: { url, options }, method, headers }: Asked): Promise<IncomingMessage> {
    if (this.#cutBy !== undefined) throw this.#cutBy;
    const { agents } = this.#target;
    return new Promise((resolve, reject) => {
      const request =
        url.protocol === 'https:'
          ? tlsRequest({ ...options, method, headers, agent: agents['https:'] }, resolve)
          : plainRequest({ ...options, method, headers, agent: agents['http:'] }, resolve);
      request.on('error', (error: NodeJS.ErrnoException) => {
        const isStale = request.reusedSocket && STALE.has(error.code ?? '');
        reject(isStale ? new StaleConnection(error.message, { cause: error }) : connectionFault(error));
      });
      this.#request = request;
      request.end(method === 'POST' ? this.#message.body : undefined);
    });
  }
}

/** Reads what nobody wants, unless it is long: then the connection goes too. */
function letGo(answer: IncomingMessage): void {
  if (answer.headers['content-length'] === '0') {
    answer.resume();
    return;
  }
  let read = 0;
  const timer = setTimeout(() => answer.destroy(), PATIENCE);
  timer.unref();
  // That it breaks off changes nothing: its head has said everything.
  answer.on('error', () => undefined);
  answer.on('close', () => clearTimeout(timer));
  answer.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read > READABLE) answer.destroy();
  });
}
