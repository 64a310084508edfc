import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '../load/connection.js';
import type { Program } from './program.js';
import { programEnvironment } from './program-environment.js';

const PATIENCE_MS = 20_000;

export interface Setup {
  /** The registry's config.yml and its data. */
  readonly folder: string;
  readonly port: number;
  /** `storage.cache`, which the image of the reference carries and which doubles its rate of reads. */
  readonly cache: boolean;
  /** How long (ms) to wait for its first answer. */
  readonly patience?: number;
  /** Lines of the config.yml below `storage`; a folder of its own without them. */
  readonly storage?: readonly string[];
  /** More lines of the config.yml. */
  readonly settings?: readonly string[];
  /** Its level, without an access log; error when it is left out. `default`: as the program logs when it is told nothing. */
  readonly log?: 'info' | 'error' | 'default';
  /** Is told each line that the program prints. */
  readonly onLine?: (line: string) => void;
}

/** Both registries read the same file: what the image of the reference carries, without an access log. */
function configuration({ folder, port, cache, storage, settings = [], log = 'error' }: Setup): string {
  return [
    'version: 0.1',
    ...(log === 'default' ? [] : ['log:', `  level: ${log}`, '  accesslog:', '    disabled: true']),
    'storage:',
    ...(cache ? ['  cache:', '    blobdescriptor: inmemory'] : []),
    '  delete:',
    '    enabled: true',
    ...(storage ?? ['  filesystem:', `    rootdirectory: ${join(folder, 'data')}`]),
    // The reference does not know this one.
    ...(storage === undefined ? [] : ['metadata:', '  sqlite:', `    path: ${join(folder, 'metadata.db')}`]),
    'http:',
    `  addr: 127.0.0.1:${port}`,
    ...settings,
    '',
  ].join('\n');
}

async function answers(port: number): Promise<boolean> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.open(port);
    // It may want to know first who asks.
    return [200, 401].includes((await connection.request('GET', '/v2/')).status);
  } catch {
    return false; // not listening yet: the caller asks again until its patience ends
  } finally {
    connection?.close();
  }
}

export class RunningRegistry {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** Milliseconds from spawn to the first 200 on `/v2/`. */
  readonly startedInMs: number;
  readonly #child: ChildProcess;

  private constructor(name: string, port: number, child: ChildProcess, startedInMs: number) {
    this.name = name;
    this.port = port;
    this.pid = child.pid ?? 0;
    this.startedInMs = startedInMs;
    this.#child = child;
  }

  /** @throws Error with what the program printed, when it ends or stays silent instead of answering. */
  static async start(program: Program, setup: Setup): Promise<RunningRegistry> {
    const { port, patience = PATIENCE_MS } = setup;
    const began = performance.now();
    const child = spawnRegistry(program, setup);
    let printed = '';
    const keep = (chunk: Buffer): void => {
      printed = (printed + chunk.toString()).slice(-4000);
    };
    for (const output of [child.stdout, child.stderr]) {
      output?.on('data', keep);
      if (output && setup.onLine) createInterface(output).on('line', setup.onLine);
    }
    while (!(await answers(port))) {
      const silent = performance.now() - began > patience;
      if (silent) child.kill('SIGKILL');
      if (silent || hasEnded(child)) {
        throw new Error(`${program.name} (${program.command}) did not answer on port ${port}:\n${printed}`);
      }
      await sleep(2);
    }
    return new RunningRegistry(program.name, port, child, performance.now() - began);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    if (hasEnded(this.#child)) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), 15_000);
    await exit;
    clearTimeout(killer);
  }
}

/** Without waiting for anything. Where every request is logged the lines go to a file: reading them would slow the load. */
export function spawnRegistry(program: Program, setup: Setup): ChildProcess {
  const file = writeConfiguration(setup);
  const output = setup.log === 'default' ? openSync(join(setup.folder, 'registry.log'), 'a') : 'pipe';
  const child = spawn(program.command, [...program.leading, 'serve', file], {
    stdio: ['ignore', output, output],
    env: programEnvironment(),
  });
  if (output !== 'pipe') closeSync(output);
  return child;
}

/** @returns the path of the file */
export function writeConfiguration(setup: Setup): string {
  mkdirSync(setup.folder, { recursive: true });
  const path = join(setup.folder, 'config.yml');
  writeFileSync(path, configuration(setup));
  return path;
}

/** Also by a signal, as when it ran out of memory. */
function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
