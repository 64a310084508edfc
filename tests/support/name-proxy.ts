import { createServer, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { pipeline, type Duplex } from 'node:stream';
import { freePort } from './start-registry.js';

/**
 * A proxy for HTTPS (CONNECT, RFC 9110 9.3.6) that finds servers of the tests by name. Clients treat loopback addresses in
 * their own ways, without TLS or without looking at the certificate; a name they treat as any other.
 */
export class NameProxy {
  readonly url: string;
  readonly #ports: Readonly<Record<string, number>>;
  readonly #from: string;
  readonly #server = createServer((_req, res) => res.writeHead(405).end());
  readonly #sockets = new Set<Duplex>();

  private constructor(port: number, ports: Readonly<Record<string, number>>, from: string) {
    this.url = `http://127.0.0.1:${port}`;
    this.#ports = ports;
    this.#from = from;
    this.#server.on('connect', (req: IncomingMessage, client: Duplex) => this.#tunnel(req.url ?? '', client));
  }

  /**
   * @param ports by name; a name that is not in it can not be reached
   * @param from the address on loopback that the servers see
   */
  static async start(ports: Readonly<Record<string, number>>, from = '127.0.0.1'): Promise<NameProxy> {
    const port = await freePort();
    const proxy = new NameProxy(port, ports, from);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(port, '127.0.0.1', resolve);
    });
    return proxy;
  }

  /** For a client that shall use it. */
  get environment(): Readonly<Record<string, string>> {
    return { HTTPS_PROXY: this.url, https_proxy: this.url };
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  #tunnel(target: string, client: Duplex): void {
    const port = this.#ports[target.replace(/:443$/, '')];
    if (port === undefined) {
      client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    const server = connect({ host: '127.0.0.1', port, localAddress: this.#from }, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    });
    this.#sockets.add(client);
    // Whoever goes away in the middle takes the other end with it, and that is all there is to it.
    const ended = () => this.#sockets.delete(client);
    pipeline(client, server, ended);
    pipeline(server, client, ended);
  }
}
