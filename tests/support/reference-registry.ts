import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpClient } from './http-client.js';
import { succeed } from './run-program.js';
import { freePort, overSections, type Settings } from './start-registry.js';
import { tool, type Needs } from './tools.js';

/** 2.8.2 panics where its S3 client is told of certificates. */
const ENVIRONMENT = { OTEL_TRACES_EXPORTER: 'none', AWS_CA_BUNDLE: '' } as const;
const PATIENCE_MS = 20_000;
const KEPT_BYTES = 20_000;

/** Debian's docker-registry, and the newest release as `.ci/install-tools` builds it. */
export const REFERENCE_VERSIONS = ['2.8.2', '3.1.2'] as const;
export type ReferenceVersion = (typeof REFERENCE_VERSIONS)[number];

const PROGRAMS: Readonly<Record<ReferenceVersion, string>> = {
  '2.8.2': 'docker-registry',
  '3.1.2': 'registry',
};

/** For `describeWith`: the group is skipped by name where that version is not installed. */
export function needsReference(...versions: readonly ReferenceVersion[]): Needs {
  return { tools: versions.map((version) => PROGRAMS[version]) };
}

/** How it is started, with the path of its configuration behind `serve`. */
export function referenceProgram(version: ReferenceVersion): {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
} {
  return { command: tool(PROGRAMS[version]), env: ENVIRONMENT };
}

/**
 * The reference registry as a process, on the same `<folder>/data` that a `RunningRegistry` on `folder` has, or on a
 * bucket. Deletes are on, uploads are not purged, nothing is logged but errors.
 */
export class ReferenceRegistry {
  readonly version: ReferenceVersion;
  readonly host: string;
  readonly client: HttpClient;
  readonly #folder: string;
  readonly #bucket: object | undefined;
  readonly #settings: Settings;
  #child: ChildProcess | undefined;
  #printed = '';

  private constructor(
    version: ReferenceVersion,
    folder: string,
    bucket: object | undefined,
    settings: Settings,
    port: number,
  ) {
    this.version = version;
    this.host = `127.0.0.1:${port}`;
    this.client = new HttpClient(port);
    this.#folder = folder;
    this.#bucket = bucket;
    this.#settings = settings;
  }

  /**
   * @param bucket `storage.s3` of its configuration, instead of the folder
   * @param settings over the configuration of the tests, section by section
   */
  static async start(
    version: ReferenceVersion,
    folder: string,
    bucket?: object,
    settings: Settings = {},
  ): Promise<ReferenceRegistry> {
    const registry = new ReferenceRegistry(version, folder, bucket, settings, await freePort());
    await registry.start();
    return registry;
  }

  /** The last of what it printed. */
  get printed(): string {
    return this.#printed;
  }

  /** Starts again after `stop`, on the same folder and port, and waits until it answers. */
  async start(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await writeFile(this.#config, JSON.stringify(this.#configuration(), undefined, 2));
    const child = spawn(tool(PROGRAMS[this.version]), ['serve', this.#config], {
      cwd: this.#folder,
      env: { ...process.env, ...ENVIRONMENT },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#printed = (this.#printed + chunk.toString()).slice(-KEPT_BYTES);
      });
    }
    await this.#untilItAnswers(child);
  }

  /** SIGTERM, which ends it at once, and waits for the end. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || hasEnded(child)) return;
    const exit = once(child, 'exit');
    this.client.close();
    child.kill('SIGTERM');
    await exit;
  }

  /**
   * Its `garbage-collect`, which wants that it is stopped: removes what no manifest names, or only reads all that it needs
   * for that. @throws Error with what it said, when it stumbles over something in the tree
   */
  async collectGarbage(...options: readonly ('--dry-run' | '--delete-untagged')[]): Promise<void> {
    await succeed(tool(PROGRAMS[this.version]), ['garbage-collect', ...options, this.#config], {
      env: ENVIRONMENT,
    });
  }

  get #config(): string {
    return join(this.#folder, `reference-${this.version}.yml`);
  }

  #configuration(): object {
    const base = {
      log: { level: 'error', accesslog: { disabled: true } },
      storage: {
        ...(this.#bucket === undefined
          ? { filesystem: { rootdirectory: join(this.#folder, 'data') } }
          : { s3: this.#bucket, redirect: { disable: true } }),
        delete: { enabled: true },
        maintenance: { uploadpurging: { enabled: false } },
      },
      // Locations as paths, so that what the tests send by hand goes to either program.
      http: { addr: this.host, secret: 'of the tests', relativeurls: true },
    };
    return { version: '0.1', ...overSections(base, this.#settings) };
  }

  async #untilItAnswers(child: ChildProcess): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline && !hasEnded(child)) {
      try {
        const { status } = await this.client.send({ path: '/' });
        if (status === 200) return;
      } catch {
        // not listening yet: asked again until the patience ends
      }
      await sleep(10);
    }
    child.kill('SIGKILL');
    throw new Error(
      `the reference registry ${this.version} does not answer on ${this.host}:\n${this.#printed}`,
    );
  }
}

/** Also by a signal. */
function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
