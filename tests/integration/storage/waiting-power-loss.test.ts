import * as fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VolatileDatabase } from './volatile-database.js';
import type { Surroundings } from './volatile-file-system.js';
import { WaitingWorld, type SmallBlobRegistry } from './waiting-world.js';

/** `STOWAGE_WAITING_RUNS` runs more of them. */
const RUNS = Number(process.env['STOWAGE_WAITING_RUNS'] ?? 30);
/** Each opens some databases. */
const PATIENCE = 60_000 + RUNS * 5_000;
type Sync = Surroundings['sync'];
const works: Sync = () => 'works';

/** Few contents and repositories, so that they meet at one digest. */
const step = fc.record({
  turnsBefore: fc.integer({ min: 0, max: 30 }),
  what: fc.constantFrom('push', 'push', 'push', 'mount', 'flush', 'flush', 'unlink'),
  content: fc.constantFrom('config', 'layer'),
  repository: fc.constantFrom('a', 'b'),
  process: fc.integer({ min: 0, max: 1 }),
});
const life = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 7 }),
  turnsBeforeKill: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
  turnsBeforePowerLoss: fc.integer({ min: 0, max: 120 }),
});
const scenario = fc.record({
  seed: fc.integer(),
  processes: fc.integer({ min: 1, max: 2 }),
  lives: fc.array(life, { minLength: 1, maxLength: 2 }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

describe('small blobs whose bytes wait in the database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-waiting-template-'));
  const template = join(folder, 'template.db');
  beforeAll(() => VolatileDatabase.makeTemplate(template));
  afterAll(() => rmSync(folder, { recursive: true }));

  function begin(world: WaitingWorld, processes: readonly SmallBlobRegistry[], each: Step): void {
    const process = processes[each.process % processes.length];
    if (process === undefined) return;
    const { content, repository } = each;
    if (each.what === 'push') world.push(process, { content, repository });
    else if (each.what === 'mount')
      world.mount(process, repository === 'a' ? 'b' : 'a', { content, repository });
    else if (each.what === 'unlink') world.unlink(process, { content, repository });
    else world.flush(process);
  }

  /** @returns what was promised and then lost */
  async function play(plan: Scenario, sync: Sync, kills = true): Promise<readonly string[]> {
    const world = new WaitingWorld(plan.seed, sync, template);
    try {
      for (const { steps, turnsBeforeKill, turnsBeforePowerLoss } of plan.lives) {
        const processes: SmallBlobRegistry[] = [];
        while (processes.length < plan.processes) processes.push(await world.start());
        for (const each of steps) {
          await world.give(each.turnsBefore);
          begin(world, processes, each);
        }
        if (kills && turnsBeforeKill !== undefined) {
          await world.give(turnsBeforeKill);
          for (const process of processes.slice(0, 1)) world.kill(process);
          // Both may take over what it has left.
          world.replay(await world.start());
          for (const process of processes.slice(1)) world.replay(process);
        }
        await world.give(turnsBeforePowerLoss);
        world.losePower();
        const lost = [...(await world.lost())];
        // What the replay has let go of is durable.
        world.losePower();
        lost.push(...(await world.lost()));
        if (lost.length > 0) return lost;
        world.losePower();
      }
      return [];
    } finally {
      world.close();
    }
  }

  async function losesSomething(sync: Sync): Promise<boolean> {
    const property = fc.asyncProperty(scenario, async (plan) => (await play(plan, sync)).length === 0);
    return (await fc.check(property, { numRuns: 400, endOnFailure: true })).failed;
  }

  it(
    'are there after a power loss once they are acknowledged, for clients and in the tree',
    async () => {
      await fc.assert(
        fc.asyncProperty(scenario, async (plan) => {
          expect(await play(plan, works)).toEqual([]);
        }),
        { numRuns: RUNS },
      );
    },
    PATIENCE,
  );

  it(
    'are there when a sync has failed before it',
    async () => {
      await fc.assert(
        fc.asyncProperty(scenario, fc.integer({ min: 0, max: 40 }), async (plan, failing) => {
          let syncs = 0;
          const failOnce: Sync = () => (syncs++ === failing ? 'fails' : 'works');
          expect(await play({ ...plan, processes: 1 }, failOnce, false)).toEqual([]);
        }),
        { numRuns: RUNS },
      );
    },
    PATIENCE,
  );

  it.each<[string, (path: string) => boolean]>([
    ['its file', (path) => basename(path) === 'data'],
    ['its own directory', (path) => basename(path).length === 64],
    ['the directory of its first two digits', (path) => basename(path).length === 2],
  ])(
    'are lost without the sync of %s',
    async (_what, is) => {
      expect(await losesSomething((_kind, path) => (is(path) ? 'does nothing' : 'works'))).toBe(true);
    },
    PATIENCE,
  );
});
