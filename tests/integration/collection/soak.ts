// `npm run soak:collection -- [requests] [first seed]`: random collections, each with a seed and circumstances of its own,
// for as long as one has patience. Ends with 1 at the first one that lost or left something; `npm run soak:collection --
// <requests of a run> <its seed> only` does the same again.
import { planOf } from './world/run-plan.js';
import { runRandomCollection } from './world/random-collection.js';

const REQUESTS_OF_A_RUN = 2_500;

const [requests = 1_000_000, first = Date.now() % 1_000_000_000] = process.argv.slice(2, 4).map(Number);
if (!Number.isInteger(requests) || requests < 1) throw new Error('requests is a number above 0');
if (!Number.isInteger(first)) throw new Error('a seed is an integer');
const only = process.argv[4] === 'only';

for (let [done, seed] = [0, first]; done < requests && process.exitCode === undefined; seed += 1) {
  const wanted = only ? requests : Math.min(REQUESTS_OF_A_RUN, requests - done);
  const plan = planOf(seed);
  const run = await runRandomCollection(plan, wanted);
  done += run.requests;
  process.stderr.write(
    `${done} of ${requests} requests: seed ${seed}, ${run.steps} steps, ${run.kills} kills, ${JSON.stringify(plan.rules)}\n`,
  );
  if (run.complaints.length > 0) {
    console.log(`after ${run.requests} requests:\n${run.complaints.join('\n')}`);
    console.log(`the last steps:\n${run.trace.join('\n')}`);
    console.log(`again: npm run soak:collection -- ${wanted} ${seed} only`);
    process.exitCode = 1;
  }
}
