import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Daemon } from '../../support/daemon.js';
import { runProgram, succeed, type Ended } from '../../support/run-program.js';
import { tool } from '../../support/tools.js';
import { REGISTRY, type Credentials } from './guarded-registry.js';
import { imageOf, type ClientKind, type ClientPlace, type SigningClient } from './signing-client.js';

const LOADED = 'sent:1';
/** All that would change the machine's network. */
const NO_NETWORK =
  '--bridge=none --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false --userland-proxy=false';

/** docker with an engine of its own, which does the talking to the registry. */
class DockerClient implements SigningClient {
  readonly #program: string;
  readonly #place: ClientPlace;
  #daemon: Daemon | undefined;
  #pushed = '';
  #pulled = '';

  private constructor(program: string, place: ClientPlace) {
    this.#program = program;
    this.#place = place;
  }

  static async start(program: string, place: ClientPlace): Promise<DockerClient> {
    const { folder, layout } = place;
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'daemon.json'), '{}');
    const client = new DockerClient(program, place);
    const archive = `docker-archive:${client.#archive}:${LOADED}`;
    await succeed(tool('skopeo'), ['--insecure-policy', 'copy', '-q', `oci:${layout}:1`, archive]);
    await client.#startEngine();
    return client;
  }

  async login({ user, password }: Credentials): Promise<Ended> {
    return this.#run('login', '-u', user, '-p', password, REGISTRY);
  }

  async logout(): Promise<Ended> {
    return this.#run('logout', REGISTRY);
  }

  async push(repository: string): Promise<Ended> {
    const image = imageOf(repository);
    await this.#must('load', '-q', '-i', this.#archive);
    await this.#must('tag', LOADED, image);
    const ended = await this.#run('push', image);
    this.#pushed = /digest: (\S+)/.exec(ended.stdout)?.[1] ?? 'none';
    await this.#must('rmi', image, LOADED);
    return ended;
  }

  async pull(repository: string): Promise<Ended> {
    const image = imageOf(repository);
    const ended = await this.#run('pull', image);
    if (ended.exitCode !== 0) return ended;
    const printed = await this.#must('image', 'inspect', '-f', '{{index .RepoDigests 0}}', image);
    this.#pulled = printed.trim().split('@')[1] ?? 'none';
    await this.#must('rmi', image);
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

  async #startEngine(): Promise<void> {
    const { folder } = this.#place;
    const roots = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')];
    const files = ['--config-file', join(folder, 'daemon.json'), '-p', join(folder, 'pid')];
    this.#daemon = await Daemon.start({
      command: tool('dockerd'),
      args: [...files, ...roots, '-H', this.#socket, '--storage-driver', 'vfs', ...NO_NETWORK.split(' ')],
      folder,
      env: this.#env,
      ready: [this.#program, 'version'],
    });
  }

  get #archive(): string {
    return join(this.#place.folder, 'image.tar');
  }

  get #socket(): string {
    return `unix://${this.#place.folder}/d.sock`;
  }

  get #env(): Readonly<Record<string, string>> {
    const { folder, env } = this.#place;
    return { ...env, DOCKER_HOST: this.#socket, DOCKER_CONFIG: join(folder, 'config') };
  }

  async #run(...words: string[]): Promise<Ended> {
    return runProgram(this.#program, words, { cwd: this.#place.folder, env: this.#env });
  }

  async #must(...words: string[]): Promise<string> {
    return succeed(this.#program, words, { cwd: this.#place.folder, env: this.#env });
  }
}

/** The engine is Debian's in both. */
export const dockerClients: readonly ClientKind[] = [
  { version: '20.10', program: 'debian-docker' },
  { version: '28', program: 'docker28' },
].map(({ version, program }) => ({
  name: `docker ${version}`,
  needs: { tools: [program, 'skopeo', 'dockerd', 'containerd', 'runc'], root: true },
  refused: 1,
  triedAt: 'login',
  async start(place) {
    const printed = await succeed(tool(program), ['--version']);
    if (!printed.includes(` ${version}.`)) throw new Error(`not docker ${version}: ${printed}`);
    return DockerClient.start(tool(program), place);
  },
}));
