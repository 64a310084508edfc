import * as fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RetagWorld, type TaggingRegistry } from './retag-world.js';
import { VolatileDatabase } from './volatile-database.js';

/** `STOWAGE_RETAG_RUNS` runs more of them. */
const RUNS = Number(process.env['STOWAGE_RETAG_RUNS'] ?? 100);
const PATIENCE = 60_000 + RUNS * 5_000;

const step = fc.record({
  turnsBefore: fc.integer({ min: 0, max: 60 }),
  what: fc.constantFrom('retag', 'retag', 'retag', 'flush'),
  process: fc.integer({ min: 0, max: 1 }),
});
const scenario = fc.record({
  seed: fc.integer(),
  processes: fc.integer({ min: 1, max: 2 }),
  steps: fc.array(step, { minLength: 1, maxLength: 8 }),
  /** Undefined when it comes once everybody has come to an end. */
  turnsBeforePowerLoss: fc.option(fc.integer({ min: 0, max: 500 }), { nil: undefined }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

describe('a tag that is given to manifest after manifest', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-retag-template-'));
  const template = join(folder, 'template.db');
  beforeAll(() => VolatileDatabase.makeTemplate(template));
  afterAll(() => rmSync(folder, { recursive: true }));

  async function play(plan: Scenario): Promise<readonly string[]> {
    const world = new RetagWorld(plan.seed, template);
    try {
      const processes: TaggingRegistry[] = [];
      while (processes.length < plan.processes) processes.push(await world.start());
      for (const { turnsBefore, what, process } of plan.steps) {
        await world.give(turnsBefore);
        const at = processes[process % processes.length];
        if (at !== undefined) world[what](at);
      }
      if (plan.turnsBeforePowerLoss === undefined) await world.end();
      else await world.give(plan.turnsBeforePowerLoss);
      world.losePower();
      const faults = await world.faults();
      world.losePower();
      // What the replay has let go of is durable.
      return [...faults, ...(await world.faults())];
    } finally {
      world.close();
    }
  }

  it(
    'points after a power loss at what was acknowledged last or at something later, in the tree as well',
    async () => {
      await fc.assert(
        fc.asyncProperty(scenario, async (plan) => {
          expect(await play(plan)).toEqual([]);
        }),
        { numRuns: RUNS },
      );
    },
    PATIENCE,
  );
});
