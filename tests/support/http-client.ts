import { createHash } from 'node:crypto';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** A request exactly as it goes over the wire: the path is not normalised. */
export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array;
  /** Send the body without a Content-Length. */
  readonly chunked?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** How the client calls itself. */
export const USER_AGENT = 'stowage-tests';

/** Where a server on this machine is found. With `ca`, in PEM, by HTTPS. */
export type Server = { readonly port: number; readonly ca?: string } | { readonly socketPath: string };

/** A client of one server on loopback that keeps its connections. */
export class HttpClient {
  readonly #server: Server;
  readonly #agent: Agent;

  /** @param server a number is its port */
  constructor(server: Server | number) {
    this.#server = typeof server === 'number' ? { port: server } : server;
    const ca = 'ca' in this.#server ? this.#server.ca : undefined;
    this.#agent = ca === undefined ? new Agent({ keepAlive: true }) : new HttpsAgent({ keepAlive: true, ca });
  }

  async send({ method = 'GET', path, headers = {}, body, chunked = false }: RawRequest): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const length =
        chunked || (body === undefined && !['POST', 'PUT', 'PATCH'].includes(method))
          ? {}
          : { 'content-length': String(body === undefined ? 0 : Buffer.byteLength(body)) };
      const request = this.#agent instanceof HttpsAgent ? httpsRequest : httpRequest;
      const req = request(
        {
          host: '127.0.0.1',
          ...this.#server,
          agent: this.#agent,
          method,
          path,
          headers: { 'user-agent': USER_AGENT, ...length, ...headers },
        },
        (res) => {
          const chunks: Buffer[] = [];
          res.on('data', (chunk: Buffer) => chunks.push(chunk));
          res.on('error', reject);
          res.on('end', () =>
            resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks) }),
          );
        },
      );
      req.on('error', reject);
      if (chunked) req.setHeader('transfer-encoding', 'chunked');
      req.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

export function digestOf(content: string | Uint8Array, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`;
}

/** The codes of an OCI error body, which must have its exact shape. */
export function errorCodes(answer: Answer): string[] {
  if (answer.headers['content-type'] !== 'application/json') {
    throw new Error(
      `no OCI error: ${answer.status} ${answer.headers['content-type']} ${answer.body.toString()}`,
    );
  }
  const { errors, ...rest } = JSON.parse(answer.body.toString()) as {
    errors: { code: string; message: string }[];
  };
  if (Object.keys(rest).length > 0)
    throw new Error(`an OCI error has only "errors": ${answer.body.toString()}`);
  return errors.map(({ code, message }) => {
    if (typeof message !== 'string' || message === '') throw new Error('an OCI error has a message');
    return code;
  });
}
