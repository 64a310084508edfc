import { basename, dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CrashWorld, type Registry } from './crash-world.js';

type Sync = ConstructorParameters<typeof CrashWorld>[1];

const works: Sync = () => 'works';

type AfterRemoval = NonNullable<ConstructorParameters<typeof CrashWorld>[2]>;

const nothing: AfterRemoval = async () => {};

/** The contents are few, so that pushes meet at one digest, and folders are met that others have just made. */
const push = fc.record({
  turnsBefore: fc.integer({ min: 0, max: 40 }),
  content: fc.integer({ min: 0, max: 5 }),
  process: fc.integer({ min: 0, max: 1 }),
  /** Removes it, when it is there, before it is pushed. */
  removes: fc.boolean(),
});
const life = fc.record({
  pushes: fc.array(push, { minLength: 1, maxLength: 8 }),
  turnsBeforeKill: fc.option(fc.integer({ min: 0, max: 120 }), { nil: undefined }),
  turnsBeforePowerLoss: fc.integer({ min: 0, max: 250 }),
});
const scenario = fc.record({
  seed: fc.integer(),
  processes: fc.integer({ min: 1, max: 2 }),
  lives: fc.array(life, { minLength: 1, maxLength: 3 }),
});
type Push = typeof push extends fc.Arbitrary<infer T> ? T : never;
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

function begin(
  world: CrashWorld,
  registries: readonly Registry[],
  { content, process, removes }: Push,
): void {
  const [registry, other] = [process, process + 1].map((at) => registries[at % registries.length]);
  if (registry === undefined || other === undefined) return;
  const bytes = Buffer.from(`content ${content}`);
  if (removes) world.remove(other, bytes);
  world.push(registry, bytes);
}

interface Around {
  readonly kills: boolean;
  readonly afterRemoval: AfterRemoval;
}

/** Blobs that were acknowledged and then lost. */
async function play(
  plan: Scenario,
  sync: Sync,
  { kills = true, afterRemoval = nothing }: Partial<Around> = {},
): Promise<readonly string[]> {
  const world = new CrashWorld(plan.seed, sync, afterRemoval);
  for (const { pushes, turnsBeforeKill, turnsBeforePowerLoss } of plan.lives) {
    const registries = Array.from({ length: plan.processes }, () => world.start());
    for (const each of pushes) {
      await world.give(each.turnsBefore);
      begin(world, registries, each);
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

async function losesSomething(sync: Sync, afterRemoval = nothing): Promise<boolean> {
  const property = fc.asyncProperty(
    scenario,
    async (plan) => (await play(plan, sync, { afterRemoval })).length === 0,
  );
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
        expect(await play({ ...plan, processes: 1 }, failOnce, { kills: false })).toEqual([]);
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

  it('takes nothing that was placed again after another process had removed it', async () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const world = new CrashWorld(seed, works);
      const [one, other] = [world.start(), world.start()];
      const contents = Array.from({ length: 8 }, (_, at) => Buffer.from(`content ${at}`));
      for (const content of contents) world.push(one, content);
      await world.give(10_000);
      for (const content of contents) world.remove(other, content);
      // Some wait for the removal to end, some come later.
      for (const content of contents.slice(4)) world.push(one, content);
      await world.give(10_000);
      expect(world.acknowledged).toBe(4);
      for (const content of contents.slice(0, 4)) world.push(one, content);
      await world.give(10_000);
      expect(world.acknowledged).toBe(8);
      world.losePower();
      expect(await world.lost()).toEqual([]);
    }
  });

  it('takes nothing that waited for a removal whose process was killed, and was then placed again', async () => {
    for (let turnsBeforeKill = 0; turnsBeforeKill < 80; turnsBeforeKill += 1) {
      const world = new CrashWorld(turnsBeforeKill, works);
      const [one, other] = [world.start(), world.start()];
      const content = Buffer.from('content');
      world.push(one, content);
      await world.give(10_000);
      world.remove(other, content);
      world.push(one, content);
      await world.give(turnsBeforeKill);
      world.killAndReplace(other);
      await world.give(10_000);
      expect({ turnsBeforeKill, acknowledged: world.acknowledged }).toEqual({
        turnsBeforeKill,
        acknowledged: 1,
      });
      world.losePower();
      expect(await world.lost()).toEqual([]);
    }
  });
});

describe('the model of power loss', () => {
  it('ends every process at once: what one was about to acknowledge it does not acknowledge afterwards', async () => {
    for (let turns = 0; turns < 200; turns += 1) {
      const world = new CrashWorld(turns, works);
      const registry = world.start();
      for (let content = 0; content < 4; content += 1)
        world.push(registry, Buffer.from(`content ${content}`));
      await world.give(turns);
      world.losePower();
      const { acknowledged } = world;
      await setImmediate();
      expect({ turns, acknowledged: world.acknowledged }).toEqual({ turns, acknowledged });
    }
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
  it('the rule that a removal leaves the folder of the first two digits, which others remember', async () => {
    const removesAbove: AfterRemoval = async ({ fs }, digest) => {
      const above = `/srv/registry/docker/registry/v2/blobs/sha256/${digest.hex.slice(0, 2)}`;
      await Promise.allSettled([fs.rmdir(above)]);
    };
    expect(await losesSomething(works, removesAbove)).toBe(true);
  });
});
