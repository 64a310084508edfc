import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram, succeed, type Ended, type RunOptions } from '../../support/run-program.js';
import { tool } from '../../support/tools.js';
import { REGISTRY, type Credentials } from './guarded-registry.js';
import { imageOf, type ClientKind, type ClientPlace, type SigningClient } from './signing-client.js';

type Program = 'podman' | 'buildah';

/** How each says under which digest an image came. */
const DIGEST: Readonly<Record<Program, readonly string[]>> = {
  podman: ['image', 'inspect', '--format', '{{.Digest}}'],
  buildah: ['inspect', '--type', 'image', '--format', '{{.FromImageDigest}}'],
};

/** podman and buildah, which keep images in a storage of their own. */
class StorageClient implements SigningClient {
  readonly #program: Program;
  readonly #place: ClientPlace;
  #digest = '';

  private constructor(program: Program, place: ClientPlace) {
    this.#program = program;
    this.#place = place;
  }

  static async start(program: Program, place: ClientPlace): Promise<StorageClient> {
    const { folder } = place;
    await mkdir(folder, { recursive: true });
    const roots = `graphroot = "${folder}/root"\nrunroot = "${folder}/run"\n`;
    await writeFile(join(folder, 'storage.conf'), `[storage]\ndriver = "vfs"\n${roots}`);
    return new StorageClient(program, place);
  }

  async login({ user, password }: Credentials): Promise<Ended> {
    return this.#run('login', '-u', user, '-p', password, REGISTRY);
  }

  async logout(): Promise<Ended> {
    return this.#run('logout', REGISTRY);
  }

  async push(repository: string): Promise<Ended> {
    const image = imageOf(repository);
    const copy = ['--insecure-policy', 'copy', '-q', `oci:${this.#place.layout}:1`];
    await succeed(tool('skopeo'), [...copy, `containers-storage:${image}`], this.#options);
    const ended = await this.#run('push', '-q', '--digestfile', this.#digestFile, image);
    await this.#must('rmi', '-f', image);
    return ended;
  }

  async pull(repository: string): Promise<Ended> {
    const image = imageOf(repository);
    const ended = await this.#run('pull', '-q', image);
    if (ended.exitCode !== 0) return ended;
    this.#digest = await this.#must(...DIGEST[this.#program], image);
    await this.#must('rmi', '-f', image);
    return ended;
  }

  async pushed(): Promise<string> {
    return (await readFile(this.#digestFile, 'utf8')).trim();
  }

  async pulled(): Promise<string> {
    return this.#digest;
  }

  get #digestFile(): string {
    return join(this.#place.folder, 'digest');
  }

  get #options(): RunOptions {
    const { folder, env } = this.#place;
    const own = {
      CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
      REGISTRY_AUTH_FILE: join(folder, 'auth.json'),
    };
    return { cwd: folder, env: { ...env, ...own } };
  }

  async #run(...words: string[]): Promise<Ended> {
    return runProgram(tool(this.#program), words, this.#options);
  }

  async #must(...words: string[]): Promise<string> {
    return (await succeed(tool(this.#program), words, this.#options)).trim();
  }
}

export const storageClients: readonly ClientKind[] = (['podman', 'buildah'] as const).map((name) => ({
  name,
  needs: { tools: [name, 'skopeo'], root: true },
  refused: 125,
  triedAt: 'login',
  start: (place) => StorageClient.start(name, place),
}));
