import { once } from 'node:events';
import { Agent, request, type RequestOptions } from 'node:https';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { Answer } from './http-client.js';

/** A request over a connection of its own to a server on loopback. */
export async function sendOverTls(
  port: number,
  path: string,
  tls: ConnectionOptions,
  options: Pick<RequestOptions, 'method' | 'headers'> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const agent = new Agent({ keepAlive: false, maxCachedSessions: 0 });
    const req = request(
      { host: '127.0.0.1', port, path, agent, ...options, ...(tls as RequestOptions) },
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
    req.end();
  });
}

/** A connection whose handshake is done, as far as this end knows. */
export async function handshake(port: number, tls: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ...tls });
  await once(socket, 'secureConnect');
  return socket;
}
