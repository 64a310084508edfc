import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../../support/http-client.js';
import { runProgram, succeed, type Ended, type RunOptions } from '../../support/run-program.js';
import { tool } from '../../support/tools.js';
import type { Credentials } from './guarded-registry.js';
import { imageOf, type ClientKind, type ClientPlace, type SigningClient } from './signing-client.js';

const NOTHING_DONE: Ended = { exitCode: 0, stdout: '', stderr: '' };
/** It pushes no image without a history. */
const METADATA = {
  arch: 'amd64',
  cwd: '/',
  env: {},
  history: [{ created_by: 'the tests' }],
  labels: {},
  volumes: [],
};

/** Charliecloud's client. It has no login: credentials are in its environment. */
class ChImageClient implements SigningClient {
  readonly #place: ClientPlace;
  #credentials: Readonly<Record<string, string>> = {};
  #pulled = '';

  private constructor(place: ClientPlace) {
    this.#place = place;
  }

  static async start(place: ClientPlace): Promise<ChImageClient> {
    const root = join(place.folder, 'root');
    await mkdir(join(root, 'bin'), { recursive: true });
    await mkdir(join(root, 'ch'));
    await copyFile(tool('busybox'), join(root, 'bin/busybox'));
    await writeFile(join(root, 'ch/metadata.json'), JSON.stringify(METADATA));
    return new ChImageClient(place);
  }

  async login({ user, password }: Credentials): Promise<Ended> {
    this.#credentials = { CH_IMAGE_USERNAME: user, CH_IMAGE_PASSWORD: password };
    return NOTHING_DONE;
  }

  async logout(): Promise<Ended> {
    this.#credentials = {};
    return NOTHING_DONE;
  }

  async push(repository: string): Promise<Ended> {
    const image = imageOf(repository);
    await this.#must('import', 'root', image);
    const ended = await this.#run('push', image);
    await this.#must('delete', image);
    return ended;
  }

  /** Without credentials it would ask for them, unless it is told that they are not wanted. */
  async pull(repository: string): Promise<Ended> {
    const image = imageOf(repository);
    const auth = this.#credentials['CH_IMAGE_USERNAME'] === undefined ? [] : ['--auth'];
    const ended = await this.#run('pull', '--always-download', ...auth, image);
    if (ended.exitCode !== 0) return ended;
    const kept = `${image.replaceAll('/', '%').replace(':', '+')}%skinny.manifest.json`;
    this.#pulled = digestOf(await readFile(join(this.#storage, 'dlcache', kept)));
    await this.#must('delete', image);
    return ended;
  }

  async pushed(): Promise<undefined> {
    return undefined;
  }

  async pulled(): Promise<string> {
    return this.#pulled;
  }

  get #storage(): string {
    return join(this.#place.folder, 'storage');
  }

  get #options(): RunOptions {
    const { folder, env } = this.#place;
    const own = {
      // It runs by the first python3 on the PATH, and needs Debian's.
      PATH: '/usr/bin:/usr/sbin:/bin:/sbin',
      USER: 'root',
      CH_IMAGE_STORAGE: this.#storage,
      REQUESTS_CA_BUNDLE: env['SSL_CERT_FILE'] ?? '',
    };
    return { cwd: folder, env: { ...env, ...own, ...this.#credentials } };
  }

  async #run(...words: string[]): Promise<Ended> {
    return runProgram(tool('ch-image'), words, this.#options);
  }

  async #must(...words: string[]): Promise<void> {
    await succeed(tool('ch-image'), words, this.#options);
  }
}

export const chImageClient: ClientKind = {
  name: 'ch-image',
  needs: { tools: ['ch-image', 'ch-run', 'git'], root: true },
  refused: 1,
  triedAt: 'use',
  start: (place) => ChImageClient.start(place),
};
