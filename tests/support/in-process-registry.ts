import { type Container, ContainerModule } from 'inversify';
import type { Logger } from '../../src/application/ports/system/logger.js';
import { buildContainer } from '../../src/container/build-container.js';
import { loadRegistry } from '../../src/container/load-registry.js';
import { TOKENS as T } from '../../src/container/tokens.js';
import type { Config } from '../../src/infrastructure/config/config.js';
import { GRACE } from './fakes.js';
import { HttpClient } from './http-client.js';

export type DeepPartial<V> = { readonly [K in keyof V]?: V[K] extends object ? DeepPartial<V[K]> : V[K] };

const DEFAULTS: Config = {
  log: { level: 'error', formatter: undefined, fields: {}, accesslog: { disabled: true } },
  storage: {
    driver: { kind: 'inmemory' },
    delete: { enabled: true },
    redirect: { disable: false, except: [] },
    maintenance: {
      readonly: { enabled: false },
      uploadpurging: { enabled: true, age: 604_800_000, interval: 86_400_000, dryrun: false },
    },
  },
  auth: undefined,
  gc: {
    enabled: false,
    interval: 60_000,
    grace: GRACE.duration,
    batch: 100,
    pause: 0,
    untagged: { enabled: false },
  },
  metadata: { sqlite: { path: undefined } },
  http: {
    addr: { host: '127.0.0.1', port: 0 },
    prefix: '/',
    host: undefined,
    trustedproxies: [],
    workers: 1,
    sendfile: undefined,
    tls: undefined,
    headers: {},
    draintimeout: 5_000,
    debug: undefined,
  },
  health: {
    storagedriver: { enabled: false, interval: 10_000, threshold: 3 },
    file: [],
    http: [],
    tcp: [],
  },
  notifications: {
    includeReferences: false,
    outbox: { maxEvents: 1_000_000, maxAge: 604_800_000 },
    endpoints: [],
  },
  catalog: { maxentries: 1000 },
  tags: { maxtags: 1000 },
  validation: { sparse: false },
};

/** The configuration of the tests, but for what is given. */
export function testConfig(config: DeepPartial<Config>): Config {
  return merge(DEFAULTS, config);
}

/** Keeps what the registry says in the error level, so that a test can show it. */
class ErrorLog implements Logger {
  readonly lines: string[];

  constructor(lines: string[] = []) {
    this.lines = lines;
  }
  debug(): void {}
  info(): void {}
  warn(): void {}
  error(message: string, fields?: Readonly<Record<string, unknown>>): void {
    const error = fields?.['error'];
    this.lines.push(`${message}: ${error instanceof Error ? error.stack : JSON.stringify(fields)}`);
  }
  child(): Logger {
    return this;
  }
}

/** The whole registry in this process, in memory unless the configuration says otherwise, on a port of its own. */
export class InProcessRegistry {
  readonly port: number;
  readonly client: HttpClient;
  readonly errors: readonly string[];
  readonly container: Container;

  private constructor(container: Container, port: number, errors: readonly string[]) {
    this.container = container;
    this.port = port;
    this.client = new HttpClient(port);
    this.errors = errors;
  }

  /** @param more may bind anew what is bound */
  static async start(
    config: DeepPartial<Config> = {},
    ...more: readonly ContainerModule[]
  ): Promise<InProcessRegistry> {
    const log = new ErrorLog();
    const quiet = new ContainerModule(({ bind, rebind }) => {
      bind(T.config).toConstantValue(testConfig(config));
      rebind(T.logger).toConstantValue(log);
      rebind(T.onFatal).toConstantValue((reason, cause) => {
        throw new Error(reason, { cause });
      });
      rebind(T.accessLog).toConstantValue({ enabled: false, record: () => undefined });
    });
    const container = buildContainer();
    loadRegistry(container, quiet, ...more);
    const server = await container.getAsync(T.httpServer);
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    return new InProcessRegistry(container, port, log.lines);
  }

  /** Lets it take another configuration, as a reload does: what is not given is as at the start. */
  async reload(config: DeepPartial<Config>): Promise<void> {
    const parts = await this.container.getAsync(T.reloadables);
    const next = merge(this.container.get(T.config), config);
    const applies = await Promise.all(parts.map((part) => part.prepare(next)));
    for (const apply of applies) apply();
  }

  async stop(): Promise<void> {
    this.client.close();
    const server = await this.container.getAsync(T.httpServer);
    await server.close(2_000);
    (await this.container.getAsync(T.database)).close();
    await this.container.get(T.hashing).close();
    await this.container.get(T.storageDriver).close();
    if (this.errors.length > 0) throw new Error(`the registry logged errors:\n${this.errors.join('\n')}`);
  }
}

function merge<V extends object>(base: V, over: DeepPartial<V>): V {
  const merged = { ...base } as Record<string, unknown>;
  for (const [key, value] of Object.entries(over)) {
    const own = merged[key];
    const nested = isRecord(own) && isRecord(value) && !Object.hasOwn(value, 'kind');
    merged[key] = nested ? merge(own, value) : value;
  }
  return merged as V;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
