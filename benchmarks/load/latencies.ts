import { Connection } from './connection.js';

export interface Repeated {
  readonly connections: number;
  readonly seconds: number;
  /** One request, or several that belong together. */
  readonly run: (connection: Connection) => Promise<unknown>;
}

/** How long (ms) each took, while every connection always had one open. */
export async function latencies(port: number, { connections, seconds, run }: Repeated): Promise<number[]> {
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)));
  const until = performance.now() + seconds * 1000;
  const took: number[] = [];
  const repeat = async (connection: Connection): Promise<void> => {
    for (let began = performance.now(); began < until;) {
      await run(connection);
      const ended = performance.now();
      took.push(ended - began);
      began = ended;
    }
  };
  try {
    await Promise.all(open.map(repeat));
  } finally {
    for (const connection of open) connection.close();
  }
  return took;
}

/** @param share 0.99 for the value that 99 of 100 do not exceed; 1 for the largest */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).toSorted();
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
