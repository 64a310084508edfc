import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import type { Daemon } from './daemon.js';
import { HttpClient } from './http-client.js';
import { PROXY_ADDRESS, type SendingProxy } from './sending-proxies.js';
import { freePort, RunningRegistry, type Settings } from './start-registry.js';
import { makeTempDir, type TempDir } from './temp-dir.js';

/** The built program with an access log, behind a proxy that sends its blobs. */
export class ProxiedRegistry {
  readonly #temp: TempDir;
  readonly #daemon: Daemon;
  readonly registry: RunningRegistry;
  /** `127.0.0.1:<port>` of the proxy. */
  readonly host: string;
  /** Of the proxy. */
  readonly client: HttpClient;

  private constructor(temp: TempDir, registry: RunningRegistry, daemon: Daemon, port: number) {
    this.#temp = temp;
    this.#daemon = daemon;
    this.registry = registry;
    this.host = `127.0.0.1:${port}`;
    this.client = new HttpClient(port);
  }

  /** @param more sections of the configuration; files that they name belong into the folder, which is there */
  static async start(
    { sendfile, start }: SendingProxy,
    more: (folder: string) => Settings | Promise<Settings> = () => ({}),
  ): Promise<ProxiedRegistry> {
    const temp = await makeTempDir();
    // For the proxy, whose workers are somebody else.
    await chmod(temp.path, 0o755);
    const registry = await RunningRegistry.start({
      folder: temp.path,
      settings: {
        ...(await more(temp.path)),
        log: { level: 'info', accesslog: { disabled: false } },
        http: { trustedproxies: [PROXY_ADDRESS], sendfile },
      },
    });
    const [port, root] = [await freePort(), join(temp.path, 'data')];
    const folder = join(temp.path, 'proxy');
    try {
      const daemon = await start({ folder, port, registry: registry.host, root });
      return new ProxiedRegistry(temp, registry, daemon, port);
    } catch (error) {
      await registry.stop();
      throw error;
    }
  }

  get folder(): string {
    return this.#temp.path;
  }

  /** The line of the access log about a request, by its id. */
  async record(requestId: unknown): Promise<{ readonly bytes: number }> {
    const line = await this.registry.says(`"requestId":"${String(requestId)}"`);
    return JSON.parse(line) as { bytes: number };
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.#daemon.stop();
    await this.registry.stop();
    await this.#temp.remove();
  }
}
