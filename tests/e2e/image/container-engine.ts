import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram, succeed, type Ended } from '../../support/run-program.js';
import { tool } from '../../support/tools.js';

/** What containers need here: the machine's network, and limits that no privilege has to be asked for. */
const RUN = ['--network', 'host', '--no-healthcheck', '--ulimit', 'nofile=20000:20000'];
const LIMITS = ['--ulimit', 'nproc=4096:4096'];
/** Longer than any drain: what does not end by itself is killed, and has another exit code. */
const STOP_SECONDS = '10';

export interface ContainerOptions {
  /** Paths of this machine by the path where the container sees them. */
  readonly mounts?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** More options of `podman run`. */
  readonly flags?: readonly string[];
}

/** buildah and podman with images and containers of their own, below one folder. */
export class ContainerEngine {
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#env = { CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf') };
  }

  static async start(folder: string): Promise<ContainerEngine> {
    await mkdir(folder, { recursive: true });
    const roots = `graphroot = "${folder}/root"\nrunroot = "${folder}/run"\n`;
    await writeFile(join(folder, 'storage.conf'), `[storage]\ndriver = "overlay"\n${roots}`);
    return new ContainerEngine(folder);
  }

  /** Takes an image of an OCI layout, `oci:<folder>:<tag>`, under a name. */
  async take(layout: string, name: string): Promise<void> {
    const target = `containers-storage:${name}`;
    await succeed(tool('skopeo'), ['--insecure-policy', 'copy', '-q', layout, target], { env: this.#env });
  }

  /** @param options of `buildah bud`, and the context as the last */
  async build(name: string, ...options: readonly string[]): Promise<void> {
    const words = ['bud', '--quiet', '--isolation', 'chroot', '--format', 'docker', '--tag', name];
    await succeed(tool('buildah'), [...words, ...options], { env: this.#env, timeout: 500_000 });
  }

  async inspectImage(name: string): Promise<unknown> {
    const [image] = JSON.parse(await this.#podman('image', 'inspect', name)) as [unknown];
    return image;
  }

  /** Runs a container to its end, whatever its exit code. */
  async run(image: string, words: readonly string[], options: ContainerOptions = {}): Promise<Ended> {
    return this.#ended('run', '--rm', ...wordsOf(options), image, ...words);
  }

  /** Starts a container that goes on. */
  async start(name: string, image: string, options: ContainerOptions = {}): Promise<void> {
    await this.#podman('run', '--detach', '--name', name, ...wordsOf(options), image);
  }

  /** Runs a command in a running container, whatever its exit code. */
  async exec(name: string, ...words: readonly string[]): Promise<Ended> {
    return this.#ended('exec', name, ...words);
  }

  async logs(name: string): Promise<string> {
    const { stdout, stderr } = await this.#ended('logs', name);
    return stdout + stderr;
  }

  /** As `docker stop` does it. @returns the exit code; 137 if it had to be killed */
  async stop(name: string): Promise<number> {
    await this.#podman('stop', '--time', STOP_SECONDS, name);
    const state = await this.#podman('inspect', '--format', '{{.State.ExitCode}}', name);
    await this.#podman('rm', name);
    return Number(state);
  }

  /** Leaves no container and no mount. */
  async close(): Promise<void> {
    await this.#podman('rm', '--all', '--force', '--time', '0');
    const mounts = (await readFile('/proc/mounts', 'utf8'))
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '');
    for (const path of mounts.filter((at) => at.startsWith(`${this.#folder}/`)).toReversed()) {
      await succeed('umount', [path]);
    }
  }

  async #podman(...words: readonly string[]): Promise<string> {
    return succeed(tool('podman'), ['--runtime', tool('runc'), ...words], { env: this.#env });
  }

  async #ended(...words: readonly string[]): Promise<Ended> {
    return runProgram(tool('podman'), ['--runtime', tool('runc'), ...words], { env: this.#env });
  }
}

function wordsOf({ mounts = {}, env = {}, flags = [] }: ContainerOptions): string[] {
  const volumes = Object.entries(mounts).flatMap(([inside, outside]) => ['--volume', `${outside}:${inside}`]);
  const variables = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  return [...RUN, ...LIMITS, ...volumes, ...variables, ...flags];
}
