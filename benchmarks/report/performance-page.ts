import type { Row } from '../measures/row.js';
import type { Machine } from './machine.js';
import { tables } from './table.js';

export interface Run {
  readonly machine: Machine;
  readonly rows: readonly Row[];
  readonly rounds: number;
  /** Part of the machine that other programs used, 0 to 1. */
  readonly disturbance: number;
}

/** The text of docs/performance.md. */
export function performancePage({ machine, rows, rounds, disturbance }: Run): string {
  return `# Performance

Written by \`npm run bench -- --write\` on ${machine.date}. Ratios hold on other machines, absolute figures do not.

- Machine: ${machine.processor}, ${machine.memory}, ${machine.system}, ${machine.fileSystem}, Node ${machine.node}.
- Other programs used ${Math.round(disturbance * 100)} % of the machine meanwhile: above 5 %, trust ratios and CPU more than rates.
- Stowage: ${machine.commit}. Reference registry: ${machine.reference}.

Both registries read the same config.yml (filesystem storage on the same disk, no access log, log level error, with the
in-memory descriptor cache that the reference's image configures, except where a line says otherwise) and were measured in
turn, rounds: ${rounds}, after a warm-up that is thrown away. A figure is the median of the rounds, with the smallest and
the largest in brackets. The ratio is the right figure through the left one, the median of the rounds' own ratios: for
rates and throughput more is better, for times, CPU and memory less.

${tables(rows)}

## How it is measured

- Load comes from one process on the same machine, over bare sockets with keep-alive. The lines "generator against a bare
  responder" are what it can do at most; a registry near them would be held back by the generator.
- CPU of the registry is user and system time of all its threads, from \`/proc\`: far steadier than requests per second.
- Small blobs are pushed by POST and PUT, large ones by POST, PATCH and PUT; every blob is new. Before a large blob is timed
  on the way out it is read once and its digest compared.
- Pages are asked for from everywhere in the list; their cost is the registry's CPU, so the generator is not in it.
- Memory is the peak that the kernel keeps (VmHWM), reset before each line, in one process that does everything twice.
- A start is timed from the spawn to the first 200 on \`/v2/\`, on a folder that holds a registry already.
`;
}
