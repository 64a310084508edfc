import { basename, dirname } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CrashWorld } from './crash-world.js';

type Sync = ConstructorParameters<typeof CrashWorld>[1];

const works: Sync = () => 'works';

/** The contents are few, so that pushes meet at one digest, and folders are met that others have just made. */
const push = fc.record({
  turnsBefore: fc.integer({ min: 0, max: 40 }),
  content: fc.integer({ min: 0, max: 5 }),
  process: fc.integer({ min: 0, max: 1 }),
});
const life = fc.record({
  pushes: fc.array(push, { minLength: 1, maxLength: 6 }),
  turnsBeforeKill: fc.option(fc.integer({ min: 0, max: 120 }), { nil: undefined }),
  turnsBeforePowerLoss: fc.integer({ min: 0, max: 250 }),
});
const scenario = fc.record({
  seed: fc.integer(),
  processes: fc.integer({ min: 1, max: 2 }),
  lives: fc.array(life, { minLength: 1, maxLength: 3 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** Blobs that were acknowledged and then lost. */
async function play(plan: Scenario, sync: Sync, kills = true): Promise<readonly string[]> {
  const world = new CrashWorld(plan.seed, sync);
  for (const { pushes, turnsBeforeKill, turnsBeforePowerLoss } of plan.lives) {
    const registries = Array.from({ length: plan.processes }, () => world.start());
    for (const { turnsBefore, content, process } of pushes) {
      await world.give(turnsBefore);
      const registry = registries[process % plan.processes];
      if (registry !== undefined) world.push(registry, Buffer.from(`content ${content}`));
    }
    if (kills && turnsBeforeKill !== undefined && registries[0] !== undefined) {
      await world.give(turnsBeforeKill);
      world.killAndReplace(registries[0]);
    }
    await world.give(turnsBeforePowerLoss);
    world.losePower();
    const lost = await world.lost();
    if (lost.length > 0) return lost;
  }
  return [];
}

async function losesSomething(sync: Sync): Promise<boolean> {
  const property = fc.asyncProperty(scenario, async (plan) => (await play(plan, sync)).length === 0);
  const { failed } = await fc.check(property, { numRuns: 2000, endOnFailure: true });
  return failed;
}

describe('power loss', () => {
  it('takes nothing that was acknowledged, whatever subset of unsynced effects the disk keeps', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (plan) => {
        expect(await play(plan, works)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  }, 60_000);

  it('takes nothing that was acknowledged when a sync fails before it', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, fc.integer({ min: 0, max: 60 }), async (plan, failing) => {
        let syncs = 0;
        const failOnce: Sync = () => (syncs++ === failing ? 'fails' : 'works');
        // A second process, or one started later, can not know of the failure: the system tells of it once.
        expect(await play({ ...plan, processes: 1 }, failOnce, false)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  }, 60_000);

  it('acknowledges every push when nothing goes wrong', async () => {
    const world = new CrashWorld(1, works);
    const registry = world.start();
    for (let content = 0; content < 8; content += 1) world.push(registry, Buffer.from(`content ${content}`));
    await world.give(10_000);
    expect(world.acknowledged).toBe(8);
    world.losePower();
    expect(await world.lost()).toEqual([]);
  });
});

/** All syncs but these work. */
function without(is: (kind: string, path: string) => boolean): Sync {
  return (kind, path) => (is(kind, path) ? 'does nothing' : 'works');
}

describe('the model of power loss sees a blob lost without', () => {
  it('the flush of its bytes', async () => {
    expect(await losesSomething(without((kind) => kind === 'fdatasync'))).toBe(true);
  });
  it('the sync of its own directory', async () => {
    expect(await losesSomething(without((_, path) => basename(path).length === 64))).toBe(true);
  });
  it('the sync of the directory of its first two digits', async () => {
    expect(await losesSomething(without((_, path) => basename(path).length === 2))).toBe(true);
  });
  it('the sync of the directory of its algorithm', async () => {
    expect(await losesSomething(without((_, path) => basename(path) === 'sha256'))).toBe(true);
  });
  it('the sync of the directory above the root', async () => {
    expect(await losesSomething(without((_, path) => path === dirname('/srv/registry')))).toBe(true);
  });
});
