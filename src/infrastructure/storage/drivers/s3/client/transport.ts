import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { releaseChunks } from '../../../../system/received-chunks.js';
import { BodyAgent } from './body-agent.js';
import type { Endpoint } from './endpoint.js';
import { ConnectionFailed, connectionFailed } from './store-errors.js';

/** Shorter than stores keep idle connections, so that few are found closed. */
const KEPT_IDLE = 10_000;

/**
 * `shared`: kept, and bounded in number. `bodies`: kept and not bounded: who reads an object holds his for as long as he
 * likes, and must keep nobody else from the store. `own`: used for this request alone.
 */
export type ConnectionUse = 'shared' | 'bodies' | 'own';

export interface SentRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: readonly Uint8Array[];
  readonly use: ConnectionUse;
  /** ms without a byte in either direction. */
  readonly idleTimeout: number;
}

interface TransportOptions {
  readonly skipverify: boolean;
  readonly sockets: number;
  readonly connectTimeout: number;
}

/** Sends requests to one host, each once. */
export class Transport {
  readonly #endpoint: Endpoint;
  readonly #skipverify: boolean;
  readonly #connectTimeout: number;
  readonly #agents: Readonly<Record<'shared' | 'bodies', HttpAgent>>;

  constructor(endpoint: Endpoint, { skipverify, sockets, connectTimeout }: TransportOptions) {
    this.#endpoint = endpoint;
    this.#skipverify = skipverify;
    this.#connectTimeout = connectTimeout;
    const isPlain = endpoint.protocol === 'http:';
    const Agent = isPlain ? HttpAgent : HttpsAgent;
    const common = { keepAlive: true, timeout: KEPT_IDLE, rejectUnauthorized: !skipverify };
    this.#agents = {
      shared: new Agent({ ...common, maxSockets: sockets }),
      bodies: isPlain ? new BodyAgent(common) : new HttpsAgent(common),
    };
  }

  /**
   * The head of the answer; its body is read by the caller.
   * @throws ConnectionFailed
   */
  async send({ method, path, headers, content, use, idleTimeout }: SentRequest): Promise<IncomingMessage> {
    const open = this.#endpoint.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const request = open({
        hostname: this.#endpoint.hostname,
        ...(this.#endpoint.port === undefined ? {} : { port: this.#endpoint.port }),
        method,
        path,
        headers: use === 'own' ? { ...headers, connection: 'close' } : headers,
        agent: use === 'own' ? false : this.#agents[use],
        rejectUnauthorized: !this.#skipverify,
      });
      let isAnswered = false;
      request.setTimeout(idleTimeout);
      request.on('timeout', () => {
        if (!isAnswered) request.destroy(silence('nothing came', idleTimeout));
      });
      request.once('socket', (socket) => {
        if (this.#endpoint.protocol === 'https:' && use === 'bodies' && !request.reusedSocket) {
          releaseReceived(socket);
        }
        limitConnecting(socket, this.#connectTimeout, () =>
          request.destroy(silence('no connection was made', this.#connectTimeout)),
        );
      });
      request.once('response', (response) => {
        isAnswered = true;
        // An answer before the end of the request is a refusal: the rest would be sent for nothing.
        if (!request.writableFinished) response.once('end', () => request.destroy());
        resolve(response);
      });
      // Without a listener a late error would end the process; the body has its own.
      request.on('error', (error) => reject(connectionFailed(error, request.reusedSocket)));
      for (const chunk of content) request.write(chunk);
      request.end();
    });
  }

  /** Ends idle connections, and those in use when they are done. */
  close(): void {
    for (const agent of Object.values(this.#agents)) {
      agent.maxFreeSockets = 0;
      for (const sockets of Object.values(agent.freeSockets)) {
        for (const socket of sockets ?? []) socket.destroy();
      }
    }
  }
}

function silence(what: string, milliseconds: number): ConnectionFailed {
  return new ConnectionFailed('silent', `${what} for ${milliseconds / 1000} s`);
}

/** What TLS receives is copied by the parser as well, and of no use afterwards. */
function releaseReceived(socket: Socket): void {
  socket.on('data', (chunk) => process.nextTick(releaseChunks, [chunk]));
}

function limitConnecting(socket: Socket, milliseconds: number, giveUp: () => void): void {
  if (!socket.connecting) return;
  const timer = setTimeout(giveUp, milliseconds);
  for (const event of ['connect', 'close']) socket.once(event, () => clearTimeout(timer));
}
