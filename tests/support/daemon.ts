import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { runProgram, succeed } from './run-program.js';

const PATIENCE_MS = 30_000;
const KEPT_BYTES = 20_000;

export interface DaemonOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Holds all that it writes. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** A command that succeeds when it is ready. */
  readonly ready: readonly [command: string, ...args: string[]];
}

/** A program that serves until it is told to stop: dockerd, containerd, a registry. */
export class Daemon {
  readonly #folder: string;
  readonly #child: ChildProcess;
  #printed = '';

  private constructor(folder: string, child: ChildProcess) {
    this.#folder = folder;
    this.#child = child;
  }

  /** @throws Error with the last of what it printed when it ends or does not become ready */
  static async start({ command, args, folder, env, ready }: DaemonOptions): Promise<Daemon> {
    const child = spawn(command, args, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const daemon = new Daemon(folder, child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        daemon.#printed = (daemon.#printed + chunk.toString()).slice(-KEPT_BYTES);
      });
    }
    const deadline = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline && !daemon.#hasEnded) {
      const [probe, ...words] = ready;
      if ((await runProgram(probe, words, { env })).exitCode === 0) return daemon;
      await sleep(100);
    }
    await daemon.stop();
    throw new Error(`${command} is not ready:\n${daemon.printed}`);
  }

  /** The last of it. */
  get printed(): string {
    return this.#printed;
  }

  /** SIGTERM, and waits for the end; what it has left mounted in its folder is unmounted. */
  async stop(): Promise<void> {
    if (!this.#hasEnded) {
      const exit = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await exit;
    }
    const mounts = (await readFile('/proc/mounts', 'utf8'))
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '');
    const own = mounts.filter((path) => path.startsWith(`${this.#folder}/`)).toSorted();
    for (const path of own.toReversed()) await succeed('umount', [path]);
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
