import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Unavailable } from '../../../src/domain/errors.js';
import { encodeDigest } from '../../../src/infrastructure/metadata/sql/digest-codec.js';
import { blobPath } from '../../../src/infrastructure/storage/layout/paths.js';
import { blobOf, image, repository } from '../../contract/metadata/metadata-actions.js';
import { QUIET_CONTEXT } from '../../support/application-under-test.js';
import { bodyOf } from '../../support/fakes.js';
import { collect, deleteWhole, isThere, pushContent, pushWhole, putManifest } from './world/actions.js';
import { checkAtRest } from './world/check-at-rest.js';
import type { CollectionProcess } from './world/collection-process.js';
import { CollectionWorld } from './world/collection-world.js';
import { comeToRest, runAlone } from './world/come-to-rest.js';
import { DrivenCall } from './world/drive.js';
import { expectNone } from './world/expect-none.js';

const LEASE = 120_000;
const GRACE = 20_000;
const NAME = 'team/app';

describe('what a client is told holds for a grace', () => {
  let world: CollectionWorld;
  let first: CollectionProcess;
  let second: CollectionProcess;
  const run = <T>(call: () => Promise<T>): Promise<T> => runAlone(world, call);
  const now = (): number => world.scheduler.now();
  const pass = (ms: number): void => world.scheduler.advance(ms);

  beforeEach(async () => {
    world = await CollectionWorld.open(1, { grace: GRACE, shortened: false, sparse: false, waiting: false });
    [first, second] = [await world.start(), await world.start()];
  });
  afterEach(async () => {
    await comeToRest(world, false);
    const complaints = await checkAtRest(world);
    await world.close();
    expectNone(complaints);
  });

  /** Lets a worker come as far as this call, and dies there. */
  const dieBefore = async (label: string): Promise<void> => {
    const worker = await world.start();
    const driven = await DrivenCall.begin(world, worker, collect);
    const isBefore = () =>
      world.scheduler.all().some(({ life, label: at }) => life === worker.life && at === label);
    while (!isBefore()) expect(await driven.step()).toBe(true);
    world.kill(worker);
  };

  const condemnAndDie = async (content: string): Promise<void> => {
    await run(() => pushContent(first, NAME, content));
    await run(() => first.names.flush());
    pass(2 * GRACE);
    await dieBefore('storage.removeThroughFence');
  };

  it.each(Array.from({ length: 16 }, (_, at) => at))(
    'a blob that a HEAD finds at age %i/8 of a grace can be referenced a moment before a grace later',
    async (eighths) => {
      await run(() => pushContent(first, NAME, 'config'));
      pass((eighths * GRACE) / 8);
      await run(() => collect(first));
      expect(await run(() => isThere(second, NAME, 'config'))).toBe(eighths < 12);
      if (eighths >= 12) return;
      pass(GRACE - 1_000);
      await run(() => collect(first));
      await run(() => putManifest(second, NAME, image('config'), 'latest'));
    },
  );

  it('a HEAD writes at most once in half a grace', async () => {
    await run(() => pushContent(first, NAME, 'config'));
    const review = () => world.rows('SELECT review_after FROM blob_link')[0]?.['review_after'];
    let [writes, before] = [0, review()];
    for (let at = 0; at < 400; at += 1) {
      pass(GRACE / 40);
      expect(await run(() => isThere(first, NAME, 'config'))).toBe(true);
      if (review() !== before) writes += 1;
      before = review();
    }
    // Ten graces.
    expect(writes).toBeLessThanOrEqual(20);
  });

  it('also when the only manifest that references it is deleted meanwhile', async () => {
    const manifest = await run(() => pushWhole(first, NAME, ['config', 'layer'], 'latest'));
    pass(3 * GRACE);
    await run(() => collect(second));
    for (const content of ['config', 'layer'])
      expect(await run(() => isThere(first, NAME, content))).toBe(true);
    await run(() => deleteWhole(second, NAME, manifest));
    pass(GRACE - 1_000);
    await run(() => collect(second));
    await run(() => putManifest(first, NAME, image('config', { layers: ['layer'], note: 'new' }), 'latest'));
  });

  it('also when the push had to wait for the removal of its digest', async () => {
    await condemnAndDie('config');
    pass(LEASE - 25_000);
    const begun = now();
    await run(() => pushContent(first, NAME, 'config'));
    expect(now() - begun).toBeGreaterThan(GRACE);
    pass(GRACE - 1_000);
    await run(() => collect(second));
    await run(() => putManifest(second, NAME, image('config'), 'latest'));
  });

  it('also when its bytes took most of the grace to be placed', async () => {
    const push = await DrivenCall.begin(world, first, (process) => pushContent(process, NAME, 'config'));
    const isBefore = (label: string) => world.scheduler.all().some(({ label: at }) => at === label);
    await push.until(() => isBefore('storage.putDurably'));
    const placing = world.scheduler.all()[0];
    if (placing !== undefined) placing.wakeAt = now() + GRACE - 1_000;
    await push.toEnd();
    pass(GRACE - 1_000);
    await run(() => collect(second));
    await run(() => putManifest(second, NAME, image('config'), 'latest'));
  });

  it('a worker whose fence is broken while it sleeps does not forget the row of bytes that are there', async () => {
    await run(() => pushContent(first, NAME, 'config'));
    await run(() => first.names.flush());
    pass(2 * GRACE);
    const isBefore = (label: string, { life }: CollectionProcess) =>
      world.scheduler.all().some((each) => each.life === life && each.label === label);
    const sleeper = await DrivenCall.begin(world, first, collect);
    await sleeper.until(() => isBefore('storage.removeThroughFence', first));
    pass(LEASE + 1);
    const taker = await DrivenCall.begin(world, second, collect);
    await taker.until(() => isBefore('contents.takeOver', second));
    await sleeper.toEnd();
    await taker.toEnd();
    expect(await world.driver.stat(blobPath(blobOf('config').digest))).toBeUndefined();
  });

  it('bytes stay as long as the link file that names them, and go a minute later', async () => {
    await run(() => pushContent(first, NAME, 'config'));
    await run(() => first.names.flush());
    pass(2 * GRACE);
    const { digest } = blobOf('config');
    const hasBytes = async () => (await world.driver.stat(blobPath(digest))) !== undefined;
    const deletion = await DrivenCall.begin(world, first, (process) =>
      process.deleteBlob.execute({ repository: repository(NAME), digest }, QUIET_CONTEXT),
    );
    await deletion.until(() =>
      world.scheduler.all().some(({ label }) => label === 'storage.removeWithFolder'),
    );
    await (await DrivenCall.begin(world, second, collect)).toEnd();
    expect(await hasBytes()).toBe(true);
    await deletion.toEnd();
    await run(() => first.names.flush());
    pass(GRACE + 60_000);
    await run(() => collect(second));
    expect(await hasBytes()).toBe(false);
  });

  it('a push waits for a dead worker no longer than half a minute; the same request succeeds later', async () => {
    await condemnAndDie('a layer');
    const at = { repository: repository(NAME) };
    const claim = { range: undefined, length: undefined, locationOffset: undefined };
    const id = await run(() => first.startUpload.execute({ ...at, algorithm: 'sha256' }));
    await run(() => first.appendChunk.execute({ ...at, id, claim, body: bodyOf('a layer') }));
    const close = { ...at, id, digest: blobOf('a layer').digest, claim: { ...claim, length: 0 } };
    const complete = () => first.completeUpload.execute({ ...close, body: bodyOf('') }, QUIET_CONTEXT);
    const begun = now();
    const refusal = await run(complete).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Unavailable);
    expect(refusal).toMatchObject({ retryAfter: 5 });
    expect(now() - begun).toBeLessThan(35_000);
    pass(LEASE);
    await run(complete);
    expect(await run(() => isThere(second, NAME, 'a layer'))).toBe(true);
  });

  it('a push whose reservation ran out does not take that of the next one, whose bytes are not there yet', async () => {
    const [late, next] = [
      await DrivenCall.begin(world, first, (process) => pushContent(process, NAME, 'config')),
      await world.start(),
    ];
    const isBefore = (label: string, { life }: CollectionProcess) =>
      world.scheduler.all().some((each) => each.life === life && each.label === label);
    await late.until(() => isBefore('blobs.commit', first));
    pass(GRACE + 1);
    await (await DrivenCall.begin(world, second, collect)).toEnd();
    const push = await DrivenCall.begin(world, next, (process) => pushContent(process, NAME, 'config'));
    await push.until(() => isBefore('storage.putDurably', next));
    await expect(late.toEnd()).rejects.toThrow(Unavailable);
    const looking = await DrivenCall.begin(world, second, async (process) => {
      expect(await isThere(process, NAME, 'config')).toBe(false);
    });
    await looking.toEnd();
    await push.toEnd();
    expect(await run(() => isThere(second, NAME, 'config'))).toBe(true);
  });

  it('a push whose reservation ran out is refused, and what it placed goes', async () => {
    const push = await DrivenCall.begin(world, first, (process) => pushContent(process, NAME, 'config'));
    await push.until(() => world.scheduler.all().some(({ label }) => label === 'blobs.commit'));
    pass(GRACE + 1);
    const collecting = await DrivenCall.begin(world, second, collect);
    await collecting.toEnd();
    await expect(push.toEnd()).rejects.toThrow(Unavailable);
    expect(
      world.rows('SELECT 1 FROM content WHERE digest = ?', encodeDigest(blobOf('config').digest)),
    ).toEqual([]);
    expect(world.strays.size).toBe(0);
  });
});
