import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpClient } from './http-client.js';

export const PROGRAM = process.env['STOWAGE_PROGRAM'] ?? join(import.meta.dirname, '../../dist/main');
const PATIENCE_MS = 20_000;
const KEPT_LINES = 2_000;
/** Below the ports that systems give to outgoing connections: a restart finds its port free. */
const [FIRST_PORT = 20_000, LAST_PORT = 23_999] = (process.env['STOWAGE_TEST_PORTS'] ?? '')
  .split('-')
  .filter((text) => text !== '')
  .map(Number);
/** Workers of the tests, each with ports of its own: one does not take what another has only just found free. */
const WORKERS = 4;
const PORTS = Math.floor((LAST_PORT - FIRST_PORT + 1) / WORKERS);
const FIRST_OWN_PORT = FIRST_PORT + PORTS * (Number(process.env['VITEST_POOL_ID'] ?? 0) % WORKERS);

export type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * For a registry whose content lies in a bucket. Blobs are not redirected: the tests' client does not follow.
 * @param folder what is on this machine lies in it
 * @param s3 `storage.s3`
 */
export function onBucket(folder: string, s3: Readonly<Record<string, unknown>>): Settings {
  return {
    storage: { s3, redirect: { disable: true } },
    metadata: { sqlite: { path: join(folder, 'metadata.db') } },
  };
}

/** A configuration with the keys of another over its own, section by section. */
export function overSections(base: Settings, over: Settings): Settings {
  const sections = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...sections].map((name) => [name, { ...base[name], ...over[name] }]));
}

export interface RegistryOptions {
  /** Working directory of the program; config.yml and data/ lie in it. */
  readonly folder: string;
  /** Over the configuration of the tests, section by section. */
  readonly settings?: Settings;
  /** Node and its options, or what runs them (`strace … node`). Default: this Node. */
  readonly runner?: readonly string[];
  readonly port?: number;
  /** Of the CA in PEM, when `settings` let it speak HTTPS. */
  readonly ca?: string;
  /** What is asked until it answers; default: /v2/. */
  readonly readyPath?: string;
  /** The path, when `settings` let it listen on a socket. */
  readonly socket?: string;
  /** Start it without a configuration, with its address in the environment only. */
  readonly unconfigured?: boolean;
  /** Options of `serve`. */
  readonly flags?: readonly string[];
  /** Added to the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The built program as a process of its own. */
export class RunningRegistry {
  readonly folder: string;
  readonly port: number;
  /** `127.0.0.1:<port>`: what stands before a repository's name. */
  readonly host: string;
  readonly url: string;
  readonly client: HttpClient;
  /** The last lines of stdout and stderr. */
  readonly lines: string[] = [];
  readonly #options: RegistryOptions;
  #child: ChildProcess | undefined;

  private constructor(options: RegistryOptions, port: number) {
    this.#options = options;
    this.folder = options.folder;
    this.port = port;
    this.host = `127.0.0.1:${port}`;
    const { ca, socket } = options;
    this.url = `${ca === undefined ? 'http' : 'https'}://${this.host}`;
    this.client = new HttpClient(socket === undefined ? { port, ...(ca && { ca }) } : { socketPath: socket });
  }

  static async start(options: RegistryOptions): Promise<RunningRegistry> {
    const registry = new RunningRegistry(options, options.port ?? (await freePort()));
    await registry.start();
    return registry;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('the registry does not run');
    return pid;
  }

  /** SIGTERM, and waits for the end. @returns the exit code */
  async stop(): Promise<number> {
    return this.#end('SIGTERM');
  }

  async kill9(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stops and starts again on the same folder and port. */
  async restart(): Promise<void> {
    if (this.#child !== undefined) await this.stop();
    await this.start();
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** @returns the exit code; undefined after a signal that it did not handle */
  async ended(): Promise<number | undefined> {
    const child = this.#child;
    if (child === undefined) return undefined;
    if (this.isRunning) await once(child, 'exit');
    return child.exitCode ?? undefined;
  }

  /**
   * A line with this text, waited for: the log comes a little behind what it tells.
   * @throws {Error} with all lines, when there is none for some seconds
   */
  async says(text: string): Promise<string> {
    const deadline = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline) {
      const line = this.lines.find((candidate) => candidate.includes(text));
      if (line !== undefined) return line;
      await sleep(20);
    }
    throw new Error(`the registry did not say "${text}":\n${this.lines.join('\n')}`);
  }

  /** Resident set, in bytes. */
  async residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  }

  /** Starts again after its end, on the same folder and port, and waits until it answers. */
  async start(): Promise<void> {
    const { folder, runner = [process.execPath], unconfigured = false, flags = [], env = {} } = this.#options;
    await mkdir(folder, { recursive: true });
    const config = join(folder, 'config.yml');
    if (!unconfigured) await writeFile(config, JSON.stringify(this.#settings(), undefined, 2));
    const [command = '', ...before] = runner;
    this.#child = spawn(command, [...before, PROGRAM, 'serve', ...flags, ...(unconfigured ? [] : [config])], {
      cwd: folder,
      env: { ...process.env, ...(unconfigured ? { REGISTRY_HTTP_ADDR: this.host } : {}), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#keepLines(this.#child);
    await this.#untilItAnswers(this.#child);
  }

  #settings(): Record<string, unknown> {
    const over = this.#options.settings ?? {};
    const base: Settings = {
      log: { level: 'warn', accesslog: { disabled: true } },
      storage: {
        ...(over['storage']?.['s3'] === undefined
          ? { filesystem: { rootdirectory: join(this.folder, 'data') } }
          : {}),
        delete: { enabled: true },
      },
      http: { addr: this.host },
    };
    return { version: '0.1', ...overSections(base, over) };
  }

  #keepLines({ stdout, stderr }: ChildProcess): void {
    for (const stream of [stdout, stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        if (this.lines.length > KEPT_LINES) this.lines.shift();
      });
    }
  }

  async #untilItAnswers(child: ChildProcess): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline) {
      if (child.exitCode !== null || child.signalCode !== null) break;
      try {
        // It may want to know first who asks.
        const { status } = await this.client.send({ path: this.#options.readyPath ?? '/v2/' });
        if (status === 200 || status === 401) return;
      } catch {
        // not listening yet: asked again until the patience ends
      }
      await sleep(25);
    }
    child.kill('SIGKILL');
    throw new Error(`the registry does not answer on ${this.url}:\n${this.lines.join('\n')}`);
  }

  async #end(signal: NodeJS.Signals): Promise<number> {
    const child = this.#child;
    if (child === undefined) return 0;
    const exited = child.exitCode ?? child.signalCode;
    if (exited === null) {
      // Not 'exit': its last lines may still have to be read.
      const exit = once(child, 'close');
      // Connections of ours that are kept alive would only lengthen the drain.
      this.client.close();
      child.kill(signal);
      await exit;
    }
    this.#child = undefined;
    return child.exitCode ?? -1;
  }
}

/** Where to look next, from anywhere on: what was given is not given again before all the others. */
let nextPort = Math.floor(Math.random() * PORTS);

/** A free loopback port. Nothing holds it until it is used, but no other call of this process gets it. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < PORTS; attempt += 1) {
    const port = FIRST_OWN_PORT + nextPort;
    nextPort = (nextPort + 1) % PORTS;
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => {
      server.close(resolve);
    });
    return port;
  }
  throw new Error(`no free port among ${PORTS} from ${FIRST_OWN_PORT}`);
}
