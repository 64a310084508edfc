import { createServer, type Server } from 'node:http';
import { freePort } from '../../support/start-registry.js';

/** What a receiver looks at. */
export interface Event {
  readonly action: string;
  readonly target: { readonly repository?: string; readonly tag?: string };
}

/** The operator's program that builds something when an image was pushed. */
export class Webhook {
  readonly url: string;
  readonly events: Event[] = [];
  readonly authorizations = new Set<string | undefined>();
  readonly #server: Server;

  private constructor(port: number) {
    this.url = `http://127.0.0.1:${port}/events`;
    this.#server = createServer((req, res) => {
      const chunks: Buffer[] = [];
      this.authorizations.add(req.headers.authorization);
      req.on('data', (chunk: Buffer) => chunks.push(chunk));
      req.on('end', () => {
        const { events } = JSON.parse(Buffer.concat(chunks).toString()) as { events: Event[] };
        this.events.push(...events);
        res.writeHead(200).end();
      });
    });
  }

  static async start(): Promise<Webhook> {
    const port = await freePort();
    const webhook = new Webhook(port);
    await new Promise<void>((resolve, reject) => {
      webhook.#server.once('error', reject);
      webhook.#server.listen(port, '127.0.0.1', resolve);
    });
    return webhook;
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }
}
