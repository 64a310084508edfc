// `npm run soak:crash -- [rounds]`: the crash loop for as long as one has patience. Ends with 1 at the first series that lost
// something; its folder is kept.
import { randomUUID } from 'node:crypto';
import { makeTempDir } from '../support/temp-dir.js';
import { runCrashSeries } from './crash-loop/crash-series.js';

const ROUNDS_OF_A_SERIES = 20;
const rounds = Number(process.argv[2] ?? 400);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('rounds is a number above 0');

for (let done = 0; done < rounds && process.exitCode === undefined;) {
  const seed = randomUUID();
  const temp = await makeTempDir();
  const series = Math.min(ROUNDS_OF_A_SERIES, rounds - done);
  const { complaints, blobs, manifests, uploads } = await runCrashSeries(temp.path, series, seed);
  done += series;
  console.log(`${done} of ${rounds} rounds: ${blobs} blobs, ${manifests} manifests, ${uploads} open uploads`);
  if (complaints.length === 0) {
    await temp.remove();
  } else {
    console.log(`seed ${seed}, folder ${temp.path}\n${complaints.join('\n')}`);
    process.exitCode = 1;
  }
}
