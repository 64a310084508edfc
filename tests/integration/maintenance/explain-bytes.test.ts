import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ON_REQUEST } from '../../../src/domain/lifecycle/grace.js';
import { keyOfName } from '../../../src/domain/repository/linked-name.js';
import {
  beginPush,
  blobOf,
  DAY,
  HOUR,
  NOW,
  pushBlob,
  pushImage,
  repository,
} from '../../contract/metadata/metadata-actions.js';
import { all, ExplainedDatabase } from './explained-database.js';

describe('why bytes are kept', () => {
  let database: ExplainedDatabase;
  const team = repository('team/app');
  beforeEach(async () => {
    database = await ExplainedDatabase.open();
  });
  afterEach(() => database.dispose());

  describe('of bytes that no repository has', () => {
    it('says when they go', async () => {
      const blob = await pushBlob(database.ports, 'team/app', 'x');
      await database.ports.blobs.unlink(team, blob, NOW + 2 * DAY);
      expect(await database.explain(blob)).toMatchObject({
        verdict: 'goes',
        goesFrom: NOW + 2 * DAY,
        content: { state: 'present', verified: true },
        holders: all(),
      });
    });

    it('says that somebody places them', async () => {
      await database.ports.blobs.reserve(await beginPush(database.ports, 'team/app', 'x'));
      expect(await database.explain(blobOf('x').digest)).toMatchObject({
        verdict: 'goes',
        goesFrom: NOW + DAY,
        content: { state: 'reserved' },
      });
    });

    it('says that somebody removes them', async () => {
      const blob = await pushBlob(database.ports, 'team/app', 'x');
      await database.ports.blobs.unlink(team, blob, NOW);
      database.setContent(
        blob,
        `state = 2, claim = x'01', claimed_until = ${NOW + HOUR}, review_after = NULL`,
      );
      expect(await database.explain(blob)).toMatchObject({
        verdict: 'being-removed',
        bytes: { kind: 'removing', until: NOW + HOUR },
      });
    });

    it.each([
      [String(ON_REQUEST), 'on-request'],
      ['NULL', 'unscheduled'],
    ])('says that nobody looks at them by himself: %s', async (review, kind) => {
      const blob = await pushBlob(database.ports, 'team/app', 'x');
      await database.ports.blobs.unlink(team, blob, NOW);
      database.setContent(blob, `review_after = ${review}`);
      expect(await database.explain(blob)).toMatchObject({ verdict: 'kept', bytes: { kind } });
    });

    it('keeps them when something that can not be read is about them', async () => {
      const blob = await pushBlob(database.ports, 'team/app', 'x');
      await database.ports.blobs.unlink(team, blob, NOW);
      const path = `docker/registry/v2/repositories/team/app/_layers/sha256/${blob.hex}/link`;
      database.makeUnreadable(team, path);
      expect(await database.explain(blob, { after: 9 * DAY })).toMatchObject({
        verdict: 'kept',
        bytes: { kind: 'unreadable' },
        unreadable: all({ path, reason: 'is cut off' }),
      });
    });

    it('knows names that held the digest before, and whose links are not written', async () => {
      const first = await pushImage(database.ports, 'team/app', 'one', { tags: ['v1'] });
      await pushImage(database.ports, 'team/app', 'two', { tags: ['v1'] });
      const { pending } = await database.explain(first.digest);
      const changed = [`team/app revision ${first.digest.toString()}`, 'team/app tag v1'];
      expect([pending.items.map(keyOfName), pending.more]).toEqual([changed, false]);
      const blob = await pushBlob(database.ports, 'team/app', 'x');
      await database.ports.blobs.unlink(team, blob, NOW);
      const once = (await database.explain(blob)).pending.items.map(keyOfName);
      expect(once).toEqual([`team/app layer ${blob.toString()}`]);
    });
  });

  it('does not know every digest', async () => {
    expect(await database.explain(blobOf('never').digest)).toMatchObject({
      verdict: 'unknown',
      content: undefined,
      holders: all(),
    });
    expect(await database.explain(blobOf('never').digest, { in: team })).toMatchObject({
      verdict: 'unknown',
    });
  });

  it('tells that a tree is still taken over, and that its bytes were not read yet', async () => {
    const { adoption } = database.ports;
    await adoption.begin(NOW);
    const { digest, size } = blobOf('x');
    const nothing = { manifests: [], tags: [], movedTags: 'keep', unreadable: [] } as const;
    await adoption.add({ repository: team, blobs: [{ digest, size }], ...nothing }, NOW);
    expect(await database.explain(digest)).toMatchObject({ adopting: true, content: { verified: false } });
    await adoption.finish(NOW);
    expect(await database.explain(digest)).toMatchObject({ adopting: false });
  });
});
