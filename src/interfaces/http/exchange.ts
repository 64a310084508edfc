import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Credentials } from '../../application/ports/security/authenticator.js';
import type { Logger } from '../../application/ports/system/logger.js';
import type { RequestContext, RequestOrigin } from '../../application/request-context.js';
import { ANYBODY, type Principal } from '../../domain/access/principal.js';
import { hasUnreadBody, RequestBody } from './params/request-body.js';
import { parseQuery } from './params/query.js';
import type { ClientAddresses } from './client-addresses.js';
import { requestOrigin } from './request-origin.js';
import type { Delegation } from './presenters/delegation.js';
import type { Locations } from './presenters/locations.js';

/** A body of at most this many bytes is drained after a refusal, so that the connection stays usable. */
const DRAINABLE = 1024 * 1024;
/** How long (ms) a connection that is to be closed goes on reading, so that the client sees the answer, not a reset. */
const LINGER = 2_000;

/** Header names and values in turn, as `writeHead` takes them. */
export type FlatHeaders = readonly string[];

/**
 * One request and its answer. It gives use cases their context, and is the one place that writes a head: a single
 * `writeHead` with a flat array, which costs half of `setHeader` calls.
 */
export class Exchange implements RequestContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly requestId: string;
  /** As sent, with the prefix. */
  readonly path: string;
  readonly startedAt: number;
  readonly locations: Locations;
  /** Undefined: the registry sends all bytes itself. */
  readonly delegation: Delegation | undefined;
  /** Status of the answer; 0 as long as there is none. */
  status = 0;
  /** Bytes of the answer's body. */
  bytesSent = 0;
  principal: Principal = ANYBODY;
  readonly #clients: ClientAddresses;
  readonly #rawQuery: string;
  readonly #rootLogger: Logger;
  readonly #commonHeaders: FlatHeaders;
  #query: URLSearchParams | undefined;
  #body: RequestBody | undefined;
  #abort: AbortController | undefined;
  #logger: Logger | undefined;
  #origin: RequestOrigin | undefined;

  constructor(fields: ExchangeFields) {
    this.req = fields.req;
    this.res = fields.res;
    this.requestId = fields.requestId;
    this.startedAt = fields.startedAt;
    this.locations = fields.locations;
    this.delegation = fields.delegation;
    this.#clients = fields.clients;
    this.#rootLogger = fields.logger;
    this.#commonHeaders = fields.commonHeaders;
    const url = fields.req.url ?? '/';
    const question = url.indexOf('?');
    this.path = question === -1 ? url : url.slice(0, question);
    this.#rawQuery = question === -1 ? '' : url.slice(question + 1);
  }

  get method(): string {
    return this.req.method ?? 'GET';
  }

  get query(): URLSearchParams {
    this.#query ??= parseQuery(this.#rawQuery);
    return this.#query;
  }

  get body(): RequestBody {
    this.#body ??= new RequestBody(this.req, this.res);
    return this.#body;
  }

  /** Bytes of the request's body that were read. */
  get bytesReceived(): number {
    return this.#body?.received ?? 0;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      const controller = new AbortController();
      this.#abort = controller;
      this.res.once('close', () => {
        if (!this.res.writableFinished) controller.abort();
      });
    }
    return this.#abort.signal;
  }

  get logger(): Logger {
    const { requestId, principal } = this;
    const user = principal.name === undefined ? {} : { user: principal.name };
    this.#logger ??= this.#rootLogger.child({ requestId, ...user });
    return this.#logger;
  }

  get origin(): RequestOrigin {
    this.#origin ??= requestOrigin(this.req, this.requestId, this.#clients, this.locations);
    return this.#origin;
  }

  /** One header of the request, its first value. */
  header(name: string): string | undefined {
    const value = this.req.headers[name];
    return typeof value === 'string' ? value : value?.[0];
  }

  /** The address of who sent it, as far as it can be known. */
  get client(): string {
    return this.#clients.of(this.req);
  }

  /** What the request shows of who sent it. */
  credentials(): Credentials {
    return {
      authorization: this.req.headers.authorization,
      address: this.client,
      host: this.req.headers.host,
      forwardedProto: this.header('x-forwarded-proto'),
    };
  }

  /** Writes the head alone; the caller sends a body that fits it. */
  writeHead(status: number, headers: FlatHeaders): void {
    this.status = status;
    const all = [...this.#commonHeaders, 'X-Request-Id', this.requestId, ...headers];
    if (this.#mustClose()) all.push('Connection', 'close');
    this.res.writeHead(status, all);
  }

  /** Answers whole. Under HEAD the body is left out and its length stays. */
  answer(status: number, headers: FlatHeaders, body?: Uint8Array): void {
    const mustClose = this.#mustClose();
    this.writeHead(
      status,
      status === 204 || status === 304 ? headers : [...headers, 'Content-Length', String(body?.length ?? 0)],
    );
    if (body !== undefined && this.method !== 'HEAD') this.bytesSent += body.length;
    if (mustClose) {
      this.#linger(body);
      return;
    }
    // Node drains a body that nobody has begun to read, but not one that was left in the middle.
    if (hasUnreadBody(this.req)) this.req.resume();
    this.res.end(this.method === 'HEAD' ? undefined : body);
  }

  /** Answers HEAD for content of `length` bytes, with the headers that GET would have. */
  answerHead(status: number, headers: FlatHeaders, length: number): void {
    this.writeHead(status, [...headers, 'Content-Length', String(length)]);
    this.res.end();
  }

  /** A large body that nobody will read: the client should stop sending it, so the connection ends. */
  #mustClose(): boolean {
    if (!hasUnreadBody(this.req)) return false;
    const length = this.req.headers['content-length'];
    return length === undefined || Number(length) > DRAINABLE;
  }

  /** Closing at once would reset the connection under a client that is still sending, and take the answer with it. */
  #linger(body: Uint8Array | undefined): void {
    if (body !== undefined) this.res.write(body);
    else this.res.flushHeaders();
    this.req.resume();
    const timer = setTimeout(() => this.res.end(), LINGER);
    this.req.once('close', () => {
      clearTimeout(timer);
      this.res.end();
    });
  }
}

export interface ExchangeFields {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly requestId: string;
  /** From `performance.now()`. */
  readonly startedAt: number;
  readonly logger: Logger;
  readonly commonHeaders: FlatHeaders;
  readonly locations: Locations;
  readonly clients: ClientAddresses;
  readonly delegation: Delegation | undefined;
}
