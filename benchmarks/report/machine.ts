import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { Program } from '../registries/program.js';

function firstLine(command: string, args: readonly string[]): string {
  const { stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return (stdout ?? '').trim().split('\n')[0] ?? '';
}

function systemName(): string {
  const name = /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  return name ?? process.platform;
}

/** The last word of `PATH github.com/distribution/distribution/v3 v3.1.2`: the path is nobody's business. */
export function versionOf(reference: Program): string {
  return firstLine(reference.command, ['--version']).split(' ').at(-1) ?? '';
}

/** What the figures were taken on and between: they mean little on another machine. */
export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly memory: string;
  readonly system: string;
  readonly node: string;
  readonly fileSystem: string;
  readonly commit: string;
  readonly reference: string;
}

export function describeMachine(folder: string, reference: Program | undefined): Machine {
  const [processor] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: `${cpus().length} x ${processor?.model ?? 'unknown processor'}`,
    memory: `${Math.round(totalmem() / 1e9)} GB`,
    system: systemName(),
    node: process.version,
    fileSystem: firstLine('stat', ['-f', '-c', '%T', folder]),
    commit: firstLine('git', ['describe', '--always', '--dirty']) || 'outside a git checkout',
    reference: reference === undefined ? 'not found' : versionOf(reference),
  };
}
