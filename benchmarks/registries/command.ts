import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { cpuSeconds, peakMegabytes } from './process-figures.js';
import type { Program } from './program.js';
import { programEnvironment } from './program-environment.js';

/** Milliseconds between two looks at the process. */
const LOOK = 10;

export interface Ended {
  /** Empty where it went to /dev/null. */
  readonly printed: string;
  /** From the spawn to the exit. */
  readonly seconds: number;
  /** CPU seconds, all threads, up to the last look. */
  readonly cpu: number;
  /** MB resident. */
  readonly peak: number;
}

/**
 * Runs a command of a program to its end.
 * @param output 'ignore' is /dev/null
 * @throws Error with the end of what it printed, unless it exits with 0
 */
export async function runCommand(
  program: Program,
  words: readonly string[],
  output: 'keep' | 'ignore' = 'keep',
): Promise<Ended> {
  const began = performance.now();
  const child = spawn(program.command, [...program.leading, ...words], {
    stdio: ['ignore', output === 'keep' ? 'pipe' : 'ignore', 'pipe'],
    env: programEnvironment(),
  });
  const printed = child.stdout === null ? '' : text(child.stdout);
  const complaints = child.stderr === null ? '' : text(child.stderr);
  const figures = { peak: 0, cpu: 0 };
  const pid = child.pid ?? 0;
  const watching = setInterval(() => {
    if (!existsSync(`/proc/${pid}/status`)) return;
    try {
      figures.peak = Math.max(figures.peak, peakMegabytes(pid));
      figures.cpu = cpuSeconds(pid);
    } catch {
      // It has just ended: a process without memory has no peak. The last look stands.
    }
  }, LOOK);
  const [code] = (await once(child, 'exit')) as [number | null];
  const seconds = (performance.now() - began) / 1e3;
  clearInterval(watching);
  if (code !== 0) {
    throw new Error(`${words.join(' ')} ended with ${code}: ${(await complaints).slice(-2000)}`);
  }
  return { printed: await printed, seconds, ...figures };
}
