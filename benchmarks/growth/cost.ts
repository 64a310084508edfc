import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '../load/connection.js';
import { cpuSeconds } from '../registries/process-figures.js';
import type { RunningRegistry } from '../registries/running-registry.js';
import type { Operation } from './operations.js';

const CONNECTIONS = 4;
/** Within so long (ms) a registry has finished what its answers left to be done. */
const SETTLED = 1_200;

export interface Subject {
  readonly registry: RunningRegistry;
  readonly operation: Operation;
}

/** How many there were. */
async function repeat({ registry, operation }: Subject, seconds: number): Promise<number> {
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => Connection.open(registry.port)),
  );
  const until = performance.now() + seconds * 1000;
  let done = 0;
  const keepOn = async (connection: Connection): Promise<void> => {
    while (performance.now() < until) {
      const count = await operation.run(connection);
      if (count === 0) return;
      done += count;
    }
  };
  try {
    await Promise.all(connections.map(keepOn));
  } finally {
    for (const connection of connections) connection.close();
  }
  return done;
}

/**
 * CPU microseconds that the operation costs each of the registries, one after the other, with what is done behind the
 * answers.
 */
export async function costs(subjects: readonly Subject[], seconds: number): Promise<readonly number[]> {
  const measured: { readonly pid: number; readonly before: number; readonly done: number }[] = [];
  for (const subject of subjects) {
    const { pid } = subject.registry;
    const before = cpuSeconds(pid);
    measured.push({ pid, before, done: await repeat(subject, seconds) });
  }
  if (subjects.some(({ operation }) => operation.settles)) await sleep(SETTLED);
  return measured.map(({ pid, before, done }) => ((cpuSeconds(pid) - before) * 1e6) / done);
}
