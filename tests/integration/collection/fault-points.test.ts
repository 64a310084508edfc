import { QUIET_CONTEXT } from '../../support/application-under-test.js';
import { describe, expect, it } from 'vitest';
import { blobOf, repository, tag } from '../../contract/metadata/metadata-actions.js';
import { collect, deleteWhole, mountContent, pushContent, pushInPieces, pushWhole } from './world/actions.js';
import type { CollectionProcess } from './world/collection-process.js';
import type { CollectionWorld } from './world/collection-world.js';
import { DrivenCall } from './world/drive.js';
import { atEveryPoint, GRACE_OF_POINTS, IMAGE, NAME, type Fate, type Victim } from './world/fault-points.js';
import { expectNone } from './world/expect-none.js';

const LEASE = 120_000;

/** An image that was deleted a grace and more ago; one of its layers is needed elsewhere. */
async function leaveGarbage(process: CollectionProcess, world: CollectionWorld): Promise<void> {
  const manifest = await pushWhole(process, NAME, IMAGE, 'latest');
  await pushWhole(process, 'team/other', ['other config', 'shared layer'], 'latest');
  await deleteWhole(process, NAME, manifest);
  await process.names.flush();
  world.scheduler.advance(2 * GRACE_OF_POINTS);
}

/** The same, and a worker that was killed when it had condemned it, before or after the bytes went. */
function leaveCondemned(killedBefore: string) {
  return async (process: CollectionProcess, world: CollectionWorld): Promise<void> => {
    await leaveGarbage(process, world);
    const worker = await world.start();
    const driven = await DrivenCall.begin(world, worker, collect);
    const isThere = () =>
      world.scheduler.all().some(({ life, label }) => life === worker.life && label === killedBefore);
    while (!isThere() && (await driven.step()));
    world.kill(worker);
    world.scheduler.advance(LEASE + 1);
  };
}

/** The same, but the worker sleeps there: it goes on when everything is over, in the middle of the next life. */
function leaveSleeper(asleepBefore: string) {
  return async (process: CollectionProcess, world: CollectionWorld): Promise<void> => {
    await leaveGarbage(process, world);
    const worker = await world.start();
    const driven = await DrivenCall.begin(world, worker, collect);
    const asleep = () =>
      world.scheduler.all().filter(({ life, label }) => life === worker.life && label === asleepBefore);
    while (asleep().length === 0 && (await driven.step()));
    for (const parked of asleep()) parked.wakeAt = world.scheduler.now() + 100 * LEASE;
    world.scheduler.advance(LEASE + 1);
  };
}

const nothing = async (): Promise<void> => undefined;
const linked = (process: CollectionProcess) => pushContent(process, NAME, 'config');
const pushed = (process: CollectionProcess) => pushWhole(process, NAME, IMAGE, 'latest');

const VICTIMS: Readonly<Record<string, Victim>> = {
  'a collection': { waits: true, before: leaveGarbage, call: (process) => collect(process) },
  'a collection of manifests that no tag reaches': {
    before: async (process, world) => {
      await pushWhole(process, NAME, IMAGE, 'latest');
      await process.deleteTag.execute({ repository: repository(NAME), tag: tag('latest') }, QUIET_CONTEXT);
      await process.names.flush();
      world.scheduler.advance(2 * GRACE_OF_POINTS);
    },
    call: (process) => collect(process, true),
  },
  'a take-over of bytes that are there': {
    before: leaveCondemned('storage.removeThroughFence'),
    call: (process) => collect(process),
  },
  'a take-over of bytes that are gone': {
    before: leaveCondemned('contents.forget'),
    call: (process) => collect(process),
  },
  'a take-over from a sleeper before it removes': {
    before: leaveSleeper('storage.removeThroughFence'),
    call: (process) => collect(process),
  },
  'a push that goes on with a removal': {
    waits: true,
    before: leaveCondemned('storage.removeThroughFence'),
    call: (process) => pushed(process),
  },
  'a push of an image': { waits: true, before: nothing, call: pushed },
  'a push of an image that is garbage': { waits: true, before: leaveGarbage, call: pushed },
  'a push in pieces': { before: nothing, call: (process) => pushInPieces(process, NAME, 'layer') },
  'a mount': {
    waits: true,
    before: (process) => pushContent(process, 'team/base', 'layer'),
    call: (process) => mountContent(process, 'layer', 'team/base', NAME),
  },
  'a deletion of a blob': {
    waits: true,
    before: linked,
    call: (process) =>
      process.deleteBlob.execute(
        { repository: repository(NAME), digest: blobOf('config').digest },
        QUIET_CONTEXT,
      ),
  },
  'a retag': {
    before: async (process) => void (await pushed(process)),
    call: (process) => pushWhole(process, NAME, ['another config'], 'latest'),
    // A link without bytes may stay: docs/collection-tests.md.
    except: 'woken',
  },
  'a deletion of a manifest': {
    before: async (process) => void (await pushed(process)),
    call: async (process) => {
      const { digest } = await process.pullManifest.execute({
        repository: repository(NAME),
        reference: tag('latest'),
      });
      await process.deleteManifest.execute({ repository: repository(NAME), digest }, QUIET_CONTEXT);
    },
  },
};

const FATES = ['killed', 'asleep', 'woken', 'interrupted'] as const;

const WAITING = [
  ['whose bytes are placed first', false],
  ['whose bytes wait in the database', true],
] as const;

describe.each(FATES)('%s at every step', (fate: Fate) => {
  describe.each(WAITING)('of blobs %s', (_bytes, waiting) => {
    const victims = Object.entries(VICTIMS).filter(
      ([, { except, waits = false }]) => except !== fate && (waits || !waiting),
    );
    it.each(victims)(
      '%s loses nothing that is needed and leaves nothing that is not',
      { timeout: 120_000 },
      async (_name, victim) => {
        const { points, complaints } = await atEveryPoint(victim, fate, waiting);
        expectNone(complaints);
        expect(points).toBeGreaterThan(4);
      },
    );
  });
});
