import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PROGRAM } from '../../support/start-registry.js';

/** `stowage gc` on the folder of a registry, as a process that can be killed. */
export class CollectingProgram {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #printed = '';

  constructor(folder: string, options: readonly string[]) {
    const args = [PROGRAM, 'gc', ...options, join(folder, 'config.yml')];
    this.#child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#printed = (this.#printed + chunk.toString()).slice(-4_000);
      });
    }
    this.#ended = once(this.#child, 'close');
  }

  get printed(): string {
    return this.#printed;
  }

  kill9(): void {
    this.#child.kill('SIGKILL');
  }

  /** @returns the exit code; undefined when it was killed */
  async ended(): Promise<number | undefined> {
    await this.#ended;
    return this.#child.exitCode ?? undefined;
  }
}
