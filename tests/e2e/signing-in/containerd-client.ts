import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Daemon } from '../../support/daemon.js';
import { runProgram, succeed, type Ended } from '../../support/run-program.js';
import { tool } from '../../support/tools.js';
import type { Credentials } from './guarded-registry.js';
import { imageOf, type ClientKind, type ClientPlace, type SigningClient } from './signing-client.js';

const DONE: Ended = { exitCode: 0, stdout: '', stderr: '' };
const BASE = 'example.test/imported';
const IMPORTED = `${BASE}:1`;

/** ctr with a containerd of its own. It has no login: credentials go along with each push and pull. */
class ContainerdClient implements SigningClient {
  readonly #place: ClientPlace;
  #daemon: Daemon | undefined;
  #credentials: readonly string[] = [];
  #pushed = '';
  #pulled = '';

  private constructor(place: ClientPlace) {
    this.#place = place;
  }

  static async start(place: ClientPlace): Promise<ContainerdClient> {
    const { folder, layout } = place;
    await mkdir(folder, { recursive: true });
    const lines = [
      'version = 2',
      `root = "${folder}/root"`,
      `state = "${folder}/state"`,
      'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
      `[grpc]\naddress = "${folder}/c.sock"`,
    ];
    await writeFile(join(folder, 'config.toml'), `${lines.join('\n')}\n`);
    const client = new ContainerdClient(place);
    await succeed('tar', ['-C', layout, '-cf', client.#tar, '.']);
    client.#daemon = await Daemon.start({
      command: tool('containerd'),
      args: ['-c', join(folder, 'config.toml')],
      folder,
      env: place.env,
      ready: [tool('ctr'), '-a', client.#socket, 'version'],
    });
    return client;
  }

  async login({ user, password }: Credentials): Promise<Ended> {
    this.#credentials = ['--user', `${user}:${password}`];
    return DONE;
  }

  async logout(): Promise<Ended> {
    this.#credentials = [];
    return DONE;
  }

  async push(repository: string): Promise<Ended> {
    await this.#must('images', 'import', '--no-unpack', '--base-name', BASE, this.#tar);
    this.#pushed = await this.#digestOf(IMPORTED);
    const ended = await this.#run('images', 'push', ...this.#credentials, imageOf(repository), IMPORTED);
    await this.#must('images', 'rm', '--sync', IMPORTED);
    return ended;
  }

  async pull(repository: string): Promise<Ended> {
    const image = imageOf(repository);
    const ended = await this.#run('images', 'pull', ...this.#credentials, image);
    if (ended.exitCode !== 0) return ended;
    this.#pulled = await this.#digestOf(image);
    await this.#must('images', 'rm', '--sync', image);
    return ended;
  }

  async pushed(): Promise<string> {
    return this.#pushed;
  }

  async pulled(): Promise<string> {
    return this.#pulled;
  }

  async stop(): Promise<void> {
    await this.#daemon?.stop();
  }

  async #digestOf(image: string): Promise<string> {
    const listed = await this.#must('images', 'ls', `name==${image}`);
    return /sha256:[0-9a-f]{64}/.exec(listed)?.[0] ?? 'none';
  }

  get #tar(): string {
    return join(this.#place.folder, 'image.tar');
  }

  get #socket(): string {
    return join(this.#place.folder, 'c.sock');
  }

  async #run(...words: string[]): Promise<Ended> {
    return runProgram(tool('ctr'), ['-a', this.#socket, ...words], { env: this.#place.env });
  }

  async #must(...words: string[]): Promise<string> {
    return succeed(tool('ctr'), ['-a', this.#socket, ...words], { env: this.#place.env });
  }
}

export const containerdClient: ClientKind = {
  name: 'containerd',
  needs: { tools: ['containerd', 'ctr'], root: true },
  refused: 1,
  triedAt: 'use',
  start: (place) => ContainerdClient.start(place),
};
