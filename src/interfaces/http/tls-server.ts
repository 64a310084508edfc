import type { RequestListener } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContextOptions, TLSSocket } from 'node:tls';
import type { Logger } from '../../application/ports/system/logger.js';
import { type ClientAuth, clientOptions, refusalOf } from './client-certificates.js';
import { rawAnswer } from './presenters/raw-answer.js';

/** How connections are encrypted. */
export interface TlsTerms {
  readonly context: SecureContextOptions;
  /** Undefined: clients are not asked for certificates. */
  readonly clientAuth: ClientAuth | undefined;
  readonly logger: Logger;
}

/** What a handshake may take (ms). */
const HANDSHAKE = 10_000;
const SPEAKS_HTTPS =
  'this port speaks HTTPS and the request is plain HTTP: its address must begin with https://';

/** An HTTPS server whose connections can be cut before they have become any of HTTP. */
export class TlsServer {
  readonly server: Server;
  readonly #terms: TlsTerms;
  /** What lies below TLS: of TCP by its other end, of a socket file by a number. */
  readonly #connections = new Map<string, Socket>();
  /** What ends a handshake that takes too long, by the other end of its connection. */
  readonly #handshakes = new Map<string, NodeJS.Timeout>();
  #count = 0;

  constructor(options: ServerOptions, terms: TlsTerms, handle: RequestListener) {
    const { context, clientAuth } = terms;
    this.#terms = terms;
    this.server = createServer(
      { ...options, ...context, ...clientOptions(clientAuth), handshakeTimeout: HANDSHAKE },
      handle,
    );
    this.server.on('connection', (socket: Socket) => this.#keep(socket));
    // Before HTTP listens to it.
    this.server.prependListener('secureConnection', (socket) => this.#admit(socket));
    // Before Node gives up the connection.
    this.server.prependListener('tlsClientError', (error: NodeJS.ErrnoException, socket) =>
      this.#onFailure(error, socket),
    );
  }

  /** New handshakes use it; connections that are there go on. */
  renew(context: SecureContextOptions): void {
    this.server.setSecureContext(context);
  }

  /** Ends all connections, in the middle of a handshake too. */
  cut(): void {
    for (const socket of this.#connections.values()) socket.destroy();
  }

  #keep(socket: Socket): void {
    const end = otherEnd(socket);
    this.#count += 1;
    const key = end ?? `#${this.#count}`;
    this.#connections.set(key, socket);
    if (end !== undefined) this.#limitHandshake(end, socket);
    socket.once('close', () => {
      this.#connections.delete(key);
      this.#endHandshake(end);
    });
  }

  /** Node's own limit is one of silence: it would wait on for who sends a byte now and then. */
  #limitHandshake(end: string, socket: Socket): void {
    const timer = setTimeout(() => socket.destroy(), HANDSHAKE);
    timer.unref();
    this.#handshakes.set(end, timer);
  }

  #endHandshake(end: string | undefined): void {
    if (end === undefined) return;
    clearTimeout(this.#handshakes.get(end));
    this.#handshakes.delete(end);
  }

  #admit(socket: TLSSocket): void {
    this.#endHandshake(otherEnd(socket));
    const { clientAuth, logger } = this.#terms;
    const reason = refusalOf(clientAuth, socket);
    if (reason === undefined) return;
    logger.debug('tls client refused', { client: socket.remoteAddress, reason });
    socket.destroy();
  }

  /** What strangers try at a port is no fault of ours. */
  #onFailure(error: NodeJS.ErrnoException, socket: TLSSocket): void {
    const reason = error.code ?? error.message;
    this.#terms.logger.debug('tls handshake failed', { client: socket.remoteAddress, reason });
    if (error.code !== 'ERR_SSL_HTTP_REQUEST') return;
    // What is below TLS still takes an answer in clear.
    const below = this.#connections.get(otherEnd(socket) ?? '');
    below?.end(rawAnswer('400 Bad Request', SPEAKS_HTTPS));
  }
}

function otherEnd({ remoteAddress, remotePort }: Socket): string | undefined {
  return remotePort === undefined ? undefined : `${remoteAddress} ${remotePort}`;
}
