import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, ListenOptions, Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { Express } from 'express';
import { Connections } from './connections.js';
import type { MessageClasses } from './express-prototypes.js';
import { rawAnswer } from './presenters/raw-answer.js';
import { TlsServer, type TlsTerms } from './tls-server.js';

/** Where to listen. Host undefined: every interface; port 0: one that the system chooses. */
export interface Address {
  readonly host: string | undefined;
  readonly port: number;
}

/** A connection may be silent for so long (ms): uploads may take hours, but not hours of silence. */
const IDLE = 10 * 60_000;
/**
 * Between requests at least for so long, and at most for twice as long: above the idle time of the usual proxies, so that
 * they close first and no request is lost in between.
 */
const KEEP_ALIVE = 75_000;
const MAX_HEADER_BYTES = 32 * 1024;

/** An HTTP server that starts with a clear error or none, and stops after what it is doing. */
export class HttpServer {
  readonly #server: Server;
  readonly #tls: TlsServer | undefined;
  readonly #connections = new Connections();
  #sweeps: NodeJS.Timeout | undefined;

  /** @param tls undefined: connections are not encrypted */
  constructor(app: Express, classes: MessageClasses, tls?: TlsTerms) {
    const handle = (req: IncomingMessage, res: ServerResponse): void => {
      this.#connections.begin(req.socket, res);
      app(req as Parameters<Express>[0], res as Parameters<Express>[1]);
    };
    const limits = { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: 0, requestTimeout: 0 };
    const options = { ...classes, ...limits };
    this.#tls = tls === undefined ? undefined : new TlsServer(options, tls, handle);
    this.#server = this.#tls?.server ?? createServer(options, handle);
    // The handler asks for the body when it wants it; refusals come before it is sent.
    this.#server.on('checkContinue', handle);
    this.#server.on('clientError', answerBrokenRequest);
    this.#server.setTimeout(IDLE, (socket) => this.#onIdle(socket));
  }

  /** @param listener gets each connection that is made, as it comes from the network */
  onConnection(listener: (socket: Socket) => void): void {
    this.#server.on('connection', listener);
  }

  /** @throws the system's error, as EADDRINUSE */
  async listen({ host, port }: Address): Promise<AddressInfo> {
    await this.#listen({ port, ...(host === undefined ? {} : { host }) });
    return this.#server.address() as AddressInfo;
  }

  /**
   * Listens on a socket file, which goes when the server is closed.
   * @throws the system's error: EADDRINUSE also when the file is only left from before
   */
  async listenOnSocket(path: string): Promise<void> {
    await this.#listen({ path });
  }

  /** From now on handshakes use these files; connections that are there go on. */
  renewTls(context: SecureContextOptions): void {
    this.#tls?.renew(context);
  }

  /**
   * Stops taking connections and waits until what is running has ended, at most `timeout` ms; then cuts the rest.
   * Resolves with how many requests were cut.
   */
  async close(timeout: number): Promise<number> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    // A connection that is kept alive turns idle after its answer, at any time from now on.
    const closing = setInterval(() => this.#server.closeIdleConnections(), 100);
    let cut = 0;
    const timer = setTimeout(() => {
      cut = this.#connections.busy;
      this.#server.closeAllConnections();
      this.#tls?.cut();
    }, timeout);
    await closed;
    clearTimeout(timer);
    clearInterval(closing);
    clearInterval(this.#sweeps);
    return cut;
  }

  async #listen(options: ListenOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(options, () => {
        this.#server.off('error', reject);
        this.#sweeps = setInterval(() => this.#connections.sweep(), KEEP_ALIVE).unref();
        resolve();
      });
    });
  }

  /** A silent connection is closed, unless it waits for us: a long verification sends nothing meanwhile. */
  #onIdle(socket: Socket): void {
    const waitsForUs =
      this.#connections.answerOn(socket)?.req.complete === true && socket.writableLength === 0;
    if (!waitsForUs) socket.destroy();
  }
}

/** What is wrong with the request itself, and not with the connection or its handshake. */
const OF_HTTP = /^(?:HPE|ERR_HTTP)_/;

/** Requests that Node can not parse never reach the application; they get their OCI error here. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!OF_HTTP.test(error.code ?? '') || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', `the headers have more than ${MAX_HEADER_BYTES} bytes`]
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'the headers did not arrive in time']
        : ['400 Bad Request', 'this is no HTTP/1.1 request'];
  socket.end(rawAnswer(status, message));
}
