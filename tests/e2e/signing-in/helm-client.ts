import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { runProgram, succeed, type Ended } from '../../support/run-program.js';
import { tool } from '../../support/tools.js';
import { REGISTRY, type Credentials } from './guarded-registry.js';
import { TAG, type ClientKind, type ClientPlace, type SigningClient } from './signing-client.js';

/** Its charts are named after the last part of their repository. */
class HelmClient implements SigningClient {
  readonly #place: ClientPlace;
  #pushed = '';
  #pulled = '';

  private constructor(place: ClientPlace) {
    this.#place = place;
  }

  static async start(place: ClientPlace): Promise<HelmClient> {
    await mkdir(place.folder, { recursive: true });
    return new HelmClient(place);
  }

  async login({ user, password }: Credentials): Promise<Ended> {
    return this.#run('registry', 'login', REGISTRY, '-u', user, '-p', password);
  }

  async logout(): Promise<Ended> {
    return this.#run('registry', 'logout', REGISTRY);
  }

  async push(repository: string): Promise<Ended> {
    const archive = await this.#package(basename(repository));
    const ended = await this.#run('push', archive, `oci://${REGISTRY}/${dirname(repository)}`);
    this.#pushed = digestIn(ended);
    return ended;
  }

  async pull(repository: string): Promise<Ended> {
    const { folder } = this.#place;
    const archive = `${basename(repository)}-${TAG}.tgz`;
    const words = [`oci://${REGISTRY}/${repository}`, '--version', TAG, '-d', 'pulled'];
    await mkdir(join(folder, 'pulled'), { recursive: true });
    const ended = await this.#run('pull', ...words);
    if (ended.exitCode !== 0) return ended;
    const [sent, came] = await Promise.all([
      readFile(join(folder, archive)),
      readFile(join(folder, 'pulled', archive)),
    ]);
    if (!came.equals(sent)) throw new Error('helm has pulled another chart than it has pushed');
    this.#pulled = digestIn(ended);
    return ended;
  }

  async pushed(): Promise<string> {
    return this.#pushed;
  }

  async pulled(): Promise<string> {
    return this.#pulled;
  }

  get #env(): Readonly<Record<string, string>> {
    const { folder, env } = this.#place;
    return {
      ...env,
      HELM_CONFIG_HOME: join(folder, 'config'),
      HELM_CACHE_HOME: join(folder, 'cache'),
      HELM_DATA_HOME: join(folder, 'data'),
      DOCKER_CONFIG: folder,
    };
  }

  /** Makes the chart once: the archive has the time of its making in it. @returns the name of its file */
  async #package(chart: string): Promise<string> {
    const options = { cwd: this.#place.folder, env: this.#env };
    const archive = `${chart}-${TAG}.tgz`;
    if (existsSync(join(this.#place.folder, archive))) return archive;
    await succeed(tool('helm'), ['create', chart], options);
    await succeed(tool('helm'), ['package', chart, '--version', TAG], options);
    return archive;
  }

  async #run(...words: string[]): Promise<Ended> {
    return runProgram(tool('helm'), words, { cwd: this.#place.folder, env: this.#env });
  }
}

/** helm says it on either stream. */
function digestIn({ stdout, stderr }: Ended): string {
  return /^Digest: (\S+)$/m.exec(`${stdout}\n${stderr}`)?.[1] ?? 'none';
}

export const helmClient: ClientKind = {
  name: 'helm',
  needs: { tools: ['helm'] },
  refused: 1,
  triedAt: 'login',
  start: (place) => HelmClient.start(place),
};
