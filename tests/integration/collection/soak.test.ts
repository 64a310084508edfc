import { describe, expect, it } from 'vitest';
import { planOf } from './world/run-plan.js';
import { runRandomCollection } from './world/random-collection.js';
import { expectNone } from './world/expect-none.js';

/** The same ones every time: `npm run soak:collection` tries others. */
const SEEDS = Array.from({ length: 25 }, (_, at) => at + 1);
const REQUESTS = 2_000;

describe('collection under random clients, workers and accidents', () => {
  it.each(SEEDS)(
    'loses nothing that is needed and leaves nothing that is not: seed %i',
    { timeout: 120_000 },
    async (seed) => {
      const { complaints, requests, trace } = await runRandomCollection(planOf(seed), REQUESTS);
      expectNone(complaints, trace);
      expect(requests).toBeGreaterThanOrEqual(REQUESTS);
    },
  );
});
