import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { AnswerBody } from './answer-body.js';
import type { ClientTuning, S3ClientOptions } from './client-options.js';
import type { CredentialSource } from './credentials.js';
import { encodeKey, type Endpoint, endpointOf } from './endpoint.js';
import { lengthOf, timeOf } from './headers.js';
import { readRefusal } from './read-refusal.js';
import type { RetryPolicy } from './retry-policy.js';
import { payloadHash, presign, type Signable, signHeaders, UNSIGNED } from './sign.js';
import { ConnectionFailed, StoreRefusal } from './store-errors.js';
import { type ConnectionUse, Transport } from './transport.js';
import { XmlElement } from './xml.js';

/** More than the longest list has: a thousand keys of 1,024 signs, each encoded as three. */
const LONGEST_ANSWER = 16 * 1024 * 1024;
const EXPIRED = new Set(['ExpiredToken', 'InvalidToken', 'TokenRefreshRequired']);

export interface StoreRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Undefined: the bucket itself. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly content?: readonly Uint8Array[];
  /** Copies and completions: the store may need its time. */
  readonly isSlow?: boolean;
}

export interface StoreAnswer {
  readonly headers: IncomingHttpHeaders;
  /** The time on the store's clock, ms; undefined when it does not tell. */
  readonly now: number | undefined;
  readonly body: Buffer;
}

export interface OpenAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: AnswerBody;
}

interface Attempt {
  readonly request: StoreRequest;
  readonly payload: string;
  readonly number: number;
  readonly use: ConnectionUse;
}

/**
 * Signs requests, sends them and repeats what may pass. Throws StoreRefusal when the store refuses, ConnectionFailed when
 * there is no answer, StorageFault when there are no credentials.
 */
export class Requester {
  readonly endpoint: Endpoint;
  readonly #options: S3ClientOptions;
  readonly #tuning: ClientTuning;
  readonly #credentials: CredentialSource;
  readonly #transport: Transport;
  readonly #retries: RetryPolicy;
  #ahead = 0;

  constructor(
    options: S3ClientOptions,
    tuning: ClientTuning,
    credentials: CredentialSource,
    retries: RetryPolicy,
  ) {
    this.endpoint = endpointOf(options);
    this.#options = options;
    this.#tuning = tuning;
    this.#credentials = credentials;
    this.#retries = retries;
    this.#transport = new Transport(this.endpoint, { ...tuning, skipverify: options.skipverify });
  }

  /** By how much the store's clock was ahead of ours when it answered last, ms. */
  get storeAhead(): number {
    return this.#ahead;
  }

  /** The whole answer. */
  async exchange(request: StoreRequest): Promise<StoreAnswer> {
    return this.#repeated(request, 'shared', async (attempt) => this.#whole(attempt));
  }

  /**
   * The root element of an answer, which has that name; a refusal that comes behind the head of the answer is thrown as
   * any other.
   */
  async document(request: StoreRequest, root: string): Promise<XmlElement> {
    return this.#repeated(request, 'shared', async (attempt) => {
      const { headers, body } = await this.#whole(attempt);
      const element = XmlElement.root(body, root);
      if (element !== undefined) return element;
      if (XmlElement.root(body, 'Error') !== undefined) throw readRefusal(200, headers, body);
      throw new ConnectionFailed('unclear', `no ${root} came`);
    });
  }

  /** The answer with its body unread; the caller reads or closes it. */
  async open(request: StoreRequest): Promise<OpenAnswer> {
    return this.#repeated(request, 'bodies', async (attempt) => {
      const response = await this.#send(attempt);
      const body = new AnswerBody(response, announced(response), this.#tuning.idleTimeout);
      return { status: response.statusCode ?? 0, headers: response.headers, body };
    });
  }

  /** Sends a signed path once, on a connection of its own, whatever happens. */
  async sendOnce(method: 'DELETE', path: string): Promise<StoreAnswer> {
    const request: StoreRequest = { method };
    const attempt: Attempt = { request, payload: UNSIGNED, number: 1, use: 'own' };
    return this.#read(request, await this.#transmit(attempt, path, { host: this.endpoint.host }));
  }

  /** @param date ms of Unix time, from which on the path is good */
  async presigned(
    endpoint: Endpoint,
    request: StoreRequest,
    seconds: number,
    date = Date.now(),
  ): Promise<string> {
    const credentials = await this.#credentials.get();
    const signing = { region: this.#options.region, credentials, date };
    return presign(signableOf(request, endpoint), seconds, signing);
  }

  close(): void {
    this.#transport.close();
  }

  async #repeated<T>(
    request: StoreRequest,
    use: ConnectionUse,
    run: (attempt: Attempt) => Promise<T>,
  ): Promise<T> {
    // TLS keeps the bytes as they are; without it the signature does.
    const { protocol } = this.endpoint;
    const payload = protocol === 'https:' ? UNSIGNED : await payloadHash(request.content ?? []);
    const all = async () =>
      this.#retries.run(async (number, onOwnConnection) =>
        run({ request, payload, number, use: onOwnConnection ? 'own' : use }),
      );
    try {
      return await all();
    } catch (error) {
      const hasExpired = error instanceof StoreRefusal && EXPIRED.has(error.code);
      if (hasExpired && this.#credentials.forget()) return all();
      throw error;
    }
  }

  async #whole(attempt: Attempt): Promise<StoreAnswer> {
    return this.#read(attempt.request, await this.#send(attempt));
  }

  /** The head of an answer that is no refusal. */
  async #send(attempt: Attempt): Promise<IncomingMessage> {
    const { request, payload } = attempt;
    const credentials = await this.#credentials.get();
    const signing = { region: this.#options.region, credentials, date: Date.now() };
    const { path, headers } = signHeaders(signableOf(request, this.endpoint), payload, signing);
    const length = lengthOf(request.content);
    const hasBody = request.method === 'PUT' || request.method === 'POST';
    return this.#transmit(attempt, path, {
      ...headers,
      'user-agent': this.#options.useragent ?? 'stowage',
      ...(hasBody ? { 'content-length': String(length) } : {}),
    });
  }

  async #transmit(
    attempt: Attempt,
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<IncomingMessage> {
    const { request, use } = attempt;
    const begunAt = performance.now();
    let status: number | undefined;
    try {
      const { isSlow = false, method, content = [] } = request;
      const idleTimeout = isSlow ? this.#tuning.slowTimeout : this.#tuning.idleTimeout;
      const response = await this.#transport.send({ method, path, headers, content, use, idleTimeout });
      status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) return response;
      const { body } = await this.#read(request, response);
      throw readRefusal(status, response.headers, body);
    } finally {
      this.#trace(attempt, path, status, performance.now() - begunAt);
    }
  }

  async #read({ method, isSlow = false }: StoreRequest, response: IncomingMessage): Promise<StoreAnswer> {
    const expected = method === 'HEAD' ? 0 : announced(response);
    const idleTimeout = isSlow ? this.#tuning.slowTimeout : this.#tuning.idleTimeout;
    const body = await new AnswerBody(response, expected, idleTimeout).whole(LONGEST_ANSWER);
    const now = timeOf(response.headers.date);
    if (now !== undefined) this.#ahead = now - Date.now();
    return { headers: response.headers, now, body };
  }

  #trace({ request, number }: Attempt, path: string, status: number | undefined, elapsed: number): void {
    const { onRequest } = this.#tuning;
    if (onRequest === undefined) return;
    const target = path.replace(/[?&]X-Amz-[^&]*/g, '');
    onRequest({
      method: request.method,
      target,
      status,
      attempt: number,
      sentBytes: lengthOf(request.content),
      elapsed,
    });
  }
}

function signableOf({ method, key, query = {}, headers = {} }: StoreRequest, endpoint: Endpoint): Signable {
  const path = key === undefined ? endpoint.path || '/' : `${endpoint.path}/${encodeKey(key)}`;
  return { method, host: endpoint.host, path, query, headers };
}

function announced({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}
