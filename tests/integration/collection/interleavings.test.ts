import { QUIET_CONTEXT } from '../../support/application-under-test.js';
import { describe, expect, it } from 'vitest';
import { RegistryError } from '../../../src/domain/errors.js';
import { blobOf, image, repository } from '../../contract/metadata/metadata-actions.js';
import { collect, deleteWhole, mountContent, pushContent, pushWhole, putManifest } from './world/actions.js';
import { checkAtRest } from './world/check-at-rest.js';
import { checkWorld } from './world/check-world.js';
import type { CollectionProcess } from './world/collection-process.js';
import { CollectionWorld } from './world/collection-world.js';
import { comeToRest } from './world/come-to-rest.js';
import { DrivenCall } from './world/drive.js';
import { expectNone } from './world/expect-none.js';

const GRACE = 60_000;
const NAME = 'team/app';

type Call = (process: CollectionProcess) => Promise<unknown>;

interface Pair {
  readonly before: (process: CollectionProcess, world: CollectionWorld) => Promise<void>;
  readonly one: Call;
  readonly other: Call;
}

/** One comes as far as its step `i`, the other as far as its step `j`, then each goes on to its end. */
async function interleave(pair: Pair, i: number, j: number) {
  const world = await CollectionWorld.open(1, {
    grace: GRACE,
    shortened: false,
    sparse: false,
    waiting: false,
  });
  try {
    const [first, second] = [await world.start(), await world.start()];
    await (await DrivenCall.begin(world, first, (process) => pair.before(process, world))).toEnd();
    const one = await DrivenCall.begin(world, first, pair.one);
    const [oneHad, other] = [await steps(one, i), await DrivenCall.begin(world, second, pair.other)];
    const otherHad = await steps(other, j);
    const complaints: string[] = [];
    for (const driven of [one, other]) {
      complaints.push(...(await finish(driven)), ...(await checkWorld(world)));
    }
    await comeToRest(world, false);
    complaints.push(...(await checkAtRest(world)));
    return { oneHad, otherHad, complaints: complaints.map((each) => `${i}, ${j}: ${each}`) };
  } finally {
    await world.close();
  }
}

/** @returns whether it had so many */
async function steps(driven: DrivenCall, count: number): Promise<boolean> {
  for (let at = 0; at < count; at += 1) if (!(await driven.step())) return false;
  return true;
}

async function finish(driven: DrivenCall): Promise<readonly string[]> {
  try {
    await driven.toEnd();
  } catch (error) {
    // Less than a grace passes here, so no reservation may run out.
    const isRefusal = error instanceof RegistryError && !error.message.includes('took too long');
    if (!isRefusal) return [`it failed: ${String(error)}`];
  }
  return [];
}

async function leaveGarbage(process: CollectionProcess, world: CollectionWorld): Promise<void> {
  await pushContent(process, NAME, 'config');
  await process.names.flush();
  world.scheduler.advance(2 * GRACE);
}

async function leaveDueContent(process: CollectionProcess, world: CollectionWorld): Promise<void> {
  await leaveGarbage(process, world);
  await process.deleteBlob.execute(
    { repository: repository(NAME), digest: blobOf('config').digest },
    QUIET_CONTEXT,
  );
  await process.names.flush();
}

/** Of a process that was killed before it placed anything. */
async function leaveReservation(_process: CollectionProcess, world: CollectionWorld): Promise<void> {
  const dead = await world.start();
  const driven = await DrivenCall.begin(world, dead, (process) => pushContent(process, NAME, 'config'));
  await driven.step();
  world.kill(dead);
  world.scheduler.advance(2 * GRACE);
}

const push: Call = (process) => pushContent(process, NAME, 'config');
const pushImage: Call = (process) => pushWhole(process, NAME, ['config'], 'latest');
const mountOf =
  (from: string | undefined): Call =>
  (process) =>
    mountContent(process, 'config', from, 'team/other');
const takeAway: Call = async (process) => {
  await process.deleteBlob.execute(
    { repository: repository(NAME), digest: blobOf('config').digest },
    QUIET_CONTEXT,
  );
  await process.names.flush();
  await collect(process);
};

const PAIRS: Readonly<Record<string, Pair>> = {
  'a push against the removal of its digest': { before: leaveDueContent, one: collect, other: push },
  'a push against the removal of a reservation that was left': {
    before: leaveReservation,
    one: collect,
    other: push,
  },
  'a push against the review of its link': { before: leaveGarbage, one: collect, other: push },
  'two pushes of one digest': { before: async () => undefined, one: push, other: push },
  'two collections': { before: leaveDueContent, one: collect, other: collect },
  'a mount against the deletion of its source': {
    before: (process) => pushContent(process, NAME, 'config'),
    one: takeAway,
    other: mountOf(NAME),
  },
  'an automatic mount against the deletion of its source': {
    before: (process) => pushContent(process, NAME, 'config'),
    one: takeAway,
    other: mountOf(undefined),
  },
  'a manifest against the deletion of its blob': {
    before: (process) => pushContent(process, NAME, 'config'),
    one: takeAway,
    other: (process) => putManifest(process, NAME, image('config'), 'latest'),
  },
  'a manifest against the review of its link': {
    before: leaveGarbage,
    one: collect,
    other: (process) => putManifest(process, NAME, image('config'), 'latest'),
  },
  'an image against its deletion': {
    before: async (process) => void (await pushWhole(process, NAME, ['config'], 'latest')),
    one: (process) => deleteWhole(process, NAME, image('config')),
    other: pushImage,
  },
};

describe('every way in which two come between one another', () => {
  it.each(Object.entries(PAIRS))('%s', { timeout: 120_000 }, async (_name, pair) => {
    const complaints: string[] = [];
    let worlds = 0;
    for (let [i, oneHad] = [0, true]; oneHad; i += 1) {
      for (let [j, otherHad] = [0, true]; otherHad; j += 1) {
        const outcome = await interleave(pair, i, j);
        worlds += 1;
        oneHad = outcome.oneHad;
        otherHad = outcome.otherHad && oneHad;
        complaints.push(...outcome.complaints);
      }
      expectNone(complaints);
    }
    expect(worlds).toBeGreaterThan(20);
  });
});
