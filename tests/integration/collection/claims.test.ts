import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Unavailable } from '../../../src/domain/errors.js';
import { collect, isThere, pullWhole, pushContent, pushWhole } from './world/actions.js';
import { checkAtRest } from './world/check-at-rest.js';
import { checkWorld } from './world/check-world.js';
import type { CollectionProcess } from './world/collection-process.js';
import { CollectionWorld } from './world/collection-world.js';
import { comeToRest, runAlone } from './world/come-to-rest.js';
import { DrivenCall } from './world/drive.js';
import { expectNone } from './world/expect-none.js';
import { QUIET_LISTENER } from './world/quiet-listener.js';

const LEASE = 120_000;
const GRACE = 60_000;
const NAME = 'team/app';

/** Three workers come between one another at a removal; the last of them must not take the next life of the digest. */
describe('a claim that another has by now', () => {
  let world: CollectionWorld;
  let first: CollectionProcess;
  let second: CollectionProcess;
  let client: CollectionProcess;

  beforeEach(async () => {
    world = await CollectionWorld.open(1, { grace: GRACE, shortened: false, sparse: false, waiting: false });
    [first, second, client] = [await world.start(), await world.start(), await world.start()];
    await runAlone(world, () => pushContent(client, NAME, 'config'));
    await runAlone(world, () => client.names.flush());
    world.scheduler.advance(2 * GRACE);
  });
  afterEach(async () => {
    await comeToRest(world, false);
    const complaints = await checkAtRest(world);
    await world.close();
    expectNone(complaints);
  });

  /** Lets a process do something until this call is its next. */
  const until = async (
    label: string,
    process: CollectionProcess,
    call: (process: CollectionProcess) => Promise<unknown> = collect,
  ): Promise<DrivenCall> => {
    const driven = await DrivenCall.begin(world, process, call);
    await goOn(driven, label);
    return driven;
  };
  const goOn = async (driven: DrivenCall, label: string): Promise<void> => {
    const { life } = driven.process;
    const isNext = () => world.scheduler.all().some((each) => each.life === life && each.label === label);
    while (!isNext()) expect(await driven.step()).toBe(true);
  };
  const pushAgain = async (): Promise<void> => {
    const push = await DrivenCall.begin(world, client, async (process) => {
      await pullWhole(process, NAME, await pushWhole(process, NAME, ['config'], 'latest'));
    });
    await push.toEnd();
  };
  const expectWhole = async (): Promise<void> => {
    expectNone(await checkWorld(world));
    const look = await DrivenCall.begin(world, client, async (process) => {
      expect(await isThere(process, NAME, 'config')).toBe(true);
    });
    await look.toEnd();
  };

  it('is not forgotten by the one that had it', async () => {
    const sleeper = await until('contents.forget', first);
    world.scheduler.advance(LEASE + 1);
    const taker = await until('storage.removeThroughFence', second);
    await sleeper.toEnd();
    // The row is still condemned, so the push waits; were it gone, the taker would take what is pushed.
    const push = await DrivenCall.begin(world, client, (process) => pushContent(process, NAME, 'config'));
    for (let step = 0; step < 6; step += 1) await push.step();
    await taker.toEnd();
    await push.toEnd();
    await expectWhole();
  });

  it('is not given back by the one that had it', async () => {
    const stop = new AbortController();
    const request = { grace: first.grace, requested: false, untagged: false, batch: 100, pause: 0 };
    const stopped = await until('barrier.wait', first, (process) =>
      process.collect.execute(request, QUIET_LISTENER, stop.signal),
    );
    await stopped.until(() => world.rows('SELECT 1 FROM content WHERE claim IS NOT NULL').length > 0);
    stop.abort(new Error('stopped'));
    await goOn(stopped, 'contents.release');
    world.scheduler.advance(LEASE + 1);
    const taker = await until('storage.removeThroughFence', second);
    await stopped.toEnd();
    const push = await DrivenCall.begin(world, client, (process) => pushContent(process, NAME, 'config'));
    for (let step = 0; step < 6; step += 1) await push.step();
    await taker.toEnd();
    await push.toEnd();
    await expectWhole();
  });

  it('is kept when the storage has failed, which may remove all the same', async () => {
    const worker = await until('storage.removeThroughFence', first);
    world.late = true;
    await worker.step();
    world.late = false;
    for (let step = 0; step < 2; step += 1) {
      if (!world.scheduler.all().some(({ label }) => label === 'storage.breakFence')) await worker.step();
    }
    const push = await DrivenCall.begin(world, client, (process) => pushContent(process, NAME, 'config'));
    for (let step = 0; step < 6; step += 1) await push.step();
    for (const late of world.scheduler.all())
      if (late.label === 'late removal') await world.scheduler.resume(late);
    expectNone(await checkWorld(world));
    await worker.toEnd();
    await expect(push.toEnd()).rejects.toThrow(Unavailable);
    world.scheduler.advance(LEASE);
    await pushAgain();
    await expectWhole();
  });

  it('is not taken over by one that has broken an older fence only', async () => {
    const dead = await world.start();
    await until('storage.removeThroughFence', dead);
    world.kill(dead);
    world.scheduler.advance(LEASE + 1);
    const stale = await until('storage.openFence', first);
    await stale.step();
    const sleeper = await until('storage.removeThroughFence', second);
    world.scheduler.advance(LEASE + 1);
    for (let step = 0; step < 6; step += 1) await stale.step();
    await pushAgain();
    await sleeper.toEnd();
    await expectWhole();
    await stale.toEnd();
  });
});
