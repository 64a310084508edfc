import { planOf } from './world/run-plan.js';
import { runRandomCollection } from './world/random-collection.js';
const [from, to, n] = process.argv.slice(2).map(Number) as [number, number, number];
for (let seed = from; seed < to; seed += 1) {
  const t = performance.now();
  const plan = planOf(seed);
  const run = await runRandomCollection(plan, n);
  console.log(
    seed,
    JSON.stringify(plan),
    run.requests,
    run.steps,
    run.kills,
    run.complaints.length,
    Math.round(performance.now() - t),
    'ms',
  );
  if (run.complaints.length > 0) {
    console.log(run.complaints.slice(0, 8).join('\n'));
    console.log(run.trace.slice(-25).join('\n'));
  }
}
