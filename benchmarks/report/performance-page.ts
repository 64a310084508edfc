import type { Figures } from './kept-figures.js';
import { tables } from './table.js';

/** The text of docs/performance.md. */
export function performancePage(kept: readonly Figures[]): string {
  return `# Performance

Written by \`npm run bench -- --write\`, which replaces the sections of the measures that it runs. Ratios hold on other
machines, absolute figures do not. Where other programs used more than 5 % of the machine, trust ratios, CPU and memory more
than rates.

Both registries read the same config.yml (filesystem storage on the same disk, no access log, log level error, with the
in-memory descriptor cache that the reference's image configures, except where a line says otherwise) and were measured in
turn after a warm-up that is thrown away. A figure is the median of the rounds, with the smallest and the largest in
brackets. The ratio is the right figure through the left one, the median of the rounds' own ratios: for rates and throughput
more is better, for times, CPU and memory less.

${kept.map(section).join('\n\n')}

## How it is measured

- Load comes from one process on the same machine, over bare sockets with keep-alive. The lines "generator against a bare
  responder" are what it can do at most; a registry near them would be held back by the generator.
- CPU of the registry is user and system time of all its threads, from \`/proc\`: far steadier than requests per second.
- Small blobs are pushed by POST and PUT, large ones by POST, PATCH and PUT; every blob is new. Before a large blob is timed
  on the way out it is read once and its digest compared.
- Pages are asked for from everywhere in the list; their cost is the registry's CPU, so the generator is not in it.
- Memory is the peak that the kernel keeps (VmHWM), reset before each line, in one process that does everything twice.
- Growth has a registry for each size, filled with rows as pushes leave them, and no files but those of blobs that are read.
  Its figures are the registry's CPU, with what is done behind the answers, and their ratios to those of the smallest size.
  "64 in turn" are warm in all caches, "any" are random ones, which at large sizes pay for pages that SQLite has not in its
  cache.
- A pull in the order of registry 1 or 2 is one of the whole image from Stowage, over connections that are opened in the time
  that is measured; all bytes are compared once before. The round trip is made longer by a relay that gives each byte half
  the delay in each direction and limits no rate that matters: its own lines say what it costs
  ([registry-1-and-2.md](registry-1-and-2.md)).
- A start is timed from the spawn to the first 200 on \`/v2/\`, on a folder that holds a registry already; a command that
  only prints something from the spawn to its exit.
`;
}

function section({ measure, machine, rounds, disturbance, rows }: Figures): string {
  return `## ${measure}

${machine.date}: Stowage ${machine.commit}, reference registry ${machine.reference}, rounds: ${rounds}; ${machine.processor}, ${machine.memory},
${machine.system}, ${machine.fileSystem}, Node ${machine.node}; other programs used ${Math.round(disturbance * 100)} % of the machine meanwhile.

${tables(rows)}`;
}
