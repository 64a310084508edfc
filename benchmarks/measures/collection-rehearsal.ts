import { join } from 'node:path';
import { storeDueRows } from '../load/garbage.js';
import { pushSampleImage } from '../load/sample-image.js';
import { storeImages } from '../load/stored-images.js';
import { runCommand, type Ended } from '../registries/command.js';
import type { Bench, Measure } from './bench.js';
import type { Row } from './row.js';

/** An image has a row for its manifest and six for its links; its contents are due once these would be gone. */
const ROWS_OF_AN_IMAGE = 7;
/** One takes a minute or two, and the peak hardly differs. */
const MOST_ROUNDS = 2;
const BELOW_300_MB = { kind: 'never above', value: 300 } as const;

async function fill(bench: Bench, rows: number): Promise<string> {
  const folder = bench.freshFolder();
  const registry = await bench.start(bench.candidate, folder);
  await pushSampleImage(registry.port, 'bench/kept');
  await bench.stop(registry);
  const root = join(folder, 'data');
  const repositories = rows / 1000;
  const images = 100;
  storeImages(root, { repositories, images, tagged: false });
  storeDueRows(root, rows - repositories * images * ROWS_OF_AN_IMAGE);
  return folder;
}

export const COLLECTION_REHEARSAL: Measure = {
  name: 'collection-rehearsal',
  onRequest: true,
  run: async (bench) => {
    const rows = bench.options.quick ? 100_000 : 1_000_000;
    const config = join(await fill(bench, rows), 'config.yml');
    const words = ['gc', '--dry-run', '--delete-untagged', '--json'];
    const figures = { quiet: [] as Ended[], lines: [] as Ended[] };
    for (let round = 0; round < Math.min(MOST_ROUNDS, bench.options.rounds); round++) {
      const quiet = await runCommand(bench.candidate, [...words, '--quiet', config]);
      assertAllWouldGo(quiet, rows);
      figures.quiet.push(quiet);
      figures.lines.push(await runCommand(bench.candidate, [...words, config], 'ignore'));
    }
    const title = `gc --dry-run --delete-untagged, ${rows} rows due`;
    return [
      ...rowsOf(bench, `${title}, --quiet`, figures.quiet),
      ...rowsOf(bench, `${title}, --json to /dev/null`, figures.lines),
    ];
  },
};

/** As many contents as rows were due: each image has seven rows and as many contents. */
function assertAllWouldGo({ printed }: Ended, rows: number): void {
  const { summary } = JSON.parse(printed) as { summary: { blobs: { count: number } } };
  if (summary.blobs.count !== rows) throw new Error(`${summary.blobs.count} of ${rows} contents would go`);
}

function rowsOf({ candidate: { name } }: Bench, title: string, ended: readonly Ended[]): Row[] {
  return [
    { title: `${title}: time`, unit: 's', subject: { name, samples: ended.map(({ seconds }) => seconds) } },
    {
      title: `${title}: peak`,
      unit: 'MB resident',
      subject: { name, samples: ended.map(({ peak }) => peak) },
      goal: BELOW_300_MB,
    },
  ];
}
