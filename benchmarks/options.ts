import { parseArgs } from 'node:util';

export interface Options {
  /** Names of measures; empty: all but those that have to be asked for. */
  readonly measures: readonly string[];
  readonly rounds: number;
  /** Seconds of load behind one sample of a rate. */
  readonly seconds: number;
  /** The first loopback port; each registry takes the next one. */
  readonly port: number;
  /** Where the registries keep their data, each run in a folder of its own that it removes. */
  readonly folder: string;
  /** The program that is measured. */
  readonly candidate: string;
  readonly write: boolean;
  /** A tenth of the sizes: shows that the programs run, not how fast. */
  readonly quick: boolean;
  /** How much of a thing the largest registry of `growth` has. */
  readonly largest: number;
  /** How long the load of `endurance` lasts. */
  readonly minutes: number;
}

export const USAGE = `npm run bench [-- [options] [measure ...]]

  Without a name all measures run but s3 and s3-memory, which need Ceph's gateway, and collection-pause, collection-churn,
  collection-rehearsal, collection-reference, growth and endurance, which take minutes and many inodes each.

  --rounds N        samples of each figure on each side (default 5)
  --seconds N       length of one sample of a rate (default 4)
  --port N          first loopback port (default 24000)
  --folder PATH     where the registries keep their data (default: the temporary folder)
  --candidate PATH  measure this program instead of dist/main (an older build, another registry)
  --largest N       of growth: how much the largest registry has of a thing (default 1000000, which takes an hour)
  --minutes N       of endurance: how long its load lasts (default 60)
  --quick           small sizes, one round: a trial, not a measurement
  --write           write docs/performance.json and .md: the measures that run, the others stay as they are
`;

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0, not '${text}'`);
  return value;
}

/** @throws Error (a TypeError of node:util for an unknown option) that says which option is wrong. */
export function parseOptions(args: string[], temporary: string): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      port: { type: 'string', default: '24000' },
      folder: { type: 'string', default: temporary },
      candidate: { type: 'string', default: 'dist/main.js' },
      largest: { type: 'string' },
      minutes: { type: 'string' },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const { quick } = values;
  return {
    measures: positionals,
    rounds: Math.ceil(positive('rounds', values.rounds ?? (quick ? '1' : '5'))),
    seconds: positive('seconds', values.seconds ?? (quick ? '1' : '4')),
    port: positive('port', values.port),
    folder: values.folder,
    candidate: values.candidate,
    write: values.write,
    quick,
    largest: positive('largest', values.largest ?? (quick ? '1000' : '1000000')),
    minutes: positive('minutes', values.minutes ?? (quick ? '1' : '60')),
  };
}
