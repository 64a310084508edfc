import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const HOOKS = join(import.meta.dirname, '../../support/typescript-workers.mjs');
const PROGRAM = join(import.meta.dirname, 'holding-process.ts');

/** Another process that holds a folder, or tried to. */
export class Holder {
  /** What it said: `held by <its instance>`, or why it is refused. */
  readonly said: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, said: string) {
    this.#child = child;
    this.said = said;
  }

  /** @param compared whether it says that it has compared the tree */
  static async start(
    root: string,
    how: 'shared' | 'alone',
    command = 'stowage test',
    compared = false,
  ): Promise<Holder> {
    const more = compared ? ['compared'] : [];
    const child = spawn(process.execPath, ['--import', HOOKS, PROGRAM, root, how, command, ...more], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [said] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return new Holder(child, said);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get instance(): Buffer {
    return Buffer.from(this.said.replace('held by ', ''), 'hex');
  }

  /** Lets it end in order. */
  async end(): Promise<void> {
    await this.#exit(() => this.#child.stdin?.end());
  }

  async kill9(): Promise<void> {
    await this.#exit(() => this.#child.kill('SIGKILL'));
  }

  async #exit(ask: () => unknown): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    ask();
    await exit;
  }
}
