import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../src/domain/manifest/manifest.js';
import { image } from '../../contract/metadata/metadata-actions.js';
import { collect, deleteWhole, pushWhole, putManifest } from './world/actions.js';
import { checkAtRest } from './world/check-at-rest.js';
import type { CollectionProcess } from './world/collection-process.js';
import { CollectionWorld } from './world/collection-world.js';
import { comeToRest } from './world/come-to-rest.js';
import { DrivenCall } from './world/drive.js';

const GRACE = 60_000;
const NAME = 'team/app';
const REFERRERS = 5;
const RULES = { grace: GRACE, shortened: false, sparse: false, waiting: false };

describe('a subject with more referrers than one transaction looks at', () => {
  let world: CollectionWorld;
  let subject: Manifest;

  const drive = async (
    process: CollectionProcess,
    call: (process: CollectionProcess) => Promise<unknown>,
  ): Promise<void> => (await DrivenCall.begin(world, process, call)).toEnd();
  const rowsLeft = (): number => world.rows('SELECT 1 FROM departed_subject').length;
  const manifestsLeft = (): number => world.rows('SELECT 1 FROM manifest').length;

  /** Its referrers are kept by it, as a collection has found; then it is deleted. */
  async function leaveReferrers(process: CollectionProcess): Promise<void> {
    subject = await pushWhole(process, NAME, ['config'], 'latest');
    for (let at = 0; at < REFERRERS; at += 1) {
      await putManifest(process, NAME, image('config', { subject: subject.digest, note: `${at}` }));
    }
    world.scheduler.advance(2 * GRACE);
    await collect(process, true);
    expect(manifestsLeft()).toBe(REFERRERS + 1);
    await deleteWhole(process, NAME, subject);
  }

  beforeEach(async () => {
    world = await CollectionWorld.open(1, RULES);
    world.referrersAtOnce = 2;
  });
  afterEach(() => world.close());

  it('takes all of them along in one run', async () => {
    const process = await world.start();
    await drive(process, leaveReferrers);
    expect([manifestsLeft(), rowsLeft()]).toEqual([REFERRERS, 1]);
    await drive(process, (collector) => collect(collector, true));
    expect([manifestsLeft(), rowsLeft()]).toEqual([0, 0]);
  });

  it('takes all of them along in one run that takes it out itself', async () => {
    const process = await world.start();
    await drive(process, async (client) => {
      await leaveReferrers(client);
      await putManifest(client, NAME, subject);
    });
    world.scheduler.advance(2 * GRACE);
    await drive(process, (collector) => collect(collector, true));
    expect([manifestsLeft(), rowsLeft()]).toEqual([0, 0]);
  });

  it('waits for a collection that removes manifests', async () => {
    const process = await world.start();
    await drive(process, leaveReferrers);
    await drive(process, (collector) => collect(collector));
    expect([manifestsLeft(), rowsLeft()]).toEqual([REFERRERS, 1]);
  });

  it('keeps them when it comes back between two batches', async () => {
    const [client, collector] = [await world.start(), await world.start()];
    await drive(client, leaveReferrers);
    const collecting = await DrivenCall.begin(world, collector, (each) => collect(each, true));
    await collecting.until(() => rowsLeft() === 1 && world.rows(DUE).length === 4);
    await drive(client, (process) => putManifest(process, NAME, subject, 'latest'));
    await collecting.toEnd();
    expect([manifestsLeft(), rowsLeft()]).toEqual([REFERRERS + 1, 0]);
    await comeToRest(world, true);
    expect(await checkAtRest(world, true)).toEqual([]);
    expect(manifestsLeft()).toBe(REFERRERS + 1);
  });

  it('loses none of them to a process that is killed at any step', { timeout: 120_000 }, async () => {
    for (let point = 0, isOver = false; !isOver; point += 1) {
      await world.close();
      world = await CollectionWorld.open(point + 1, RULES);
      world.referrersAtOnce = 2;
      const [first, second] = [await world.start(), await world.start()];
      await drive(first, leaveReferrers);
      const collecting = await DrivenCall.begin(world, first, (process) => collect(process, true));
      for (let step = 0; step < point && !isOver; step += 1) isOver = !(await collecting.step());
      world.kill(first);
      await drive(second, (process) => collect(process, true));
      expect([point, manifestsLeft(), rowsLeft()]).toEqual([point, 0, 0]);
      await comeToRest(world, true);
      expect([point, ...(await checkAtRest(world, true))]).toEqual([point]);
    }
  });
});

const DUE = 'SELECT 1 FROM manifest WHERE review_after IS NOT NULL';
