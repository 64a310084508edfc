import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UploadId } from '../../../src/domain/upload/upload-id.js';
import { idsOf, pages } from './listed-uploads.js';
import { beginPush, HOUR, newUploadId, NOW, openUpload, pushBlob, repository } from './metadata-actions.js';
import type { MetadataUnderTest, OpenMetadata } from './metadata-under-test.js';

const LEASE = 5_000;
const TOKEN = Buffer.alloc(16, 1);
const OTHER = Buffer.alloc(16, 2);

/** What the purge asks: which sessions nobody goes on with, and their end. */
export function uploadPurgeContract(adapter: string, open: OpenMetadata): void {
  describe(`UploadSessions on ${adapter}, purged`, () => {
    let ports: MetadataUnderTest;
    const name = repository('team/app');
    const OLD = NOW - 10 * HOUR;
    const CUT_OFF = NOW - HOUR;
    beforeEach(async () => {
      ports = await open();
    });
    afterEach(() => ports.dispose());

    const create = (now: number): Promise<UploadId> => openUpload(ports.uploads, name, now);
    const lease = (id: UploadId, token: Buffer, now: number, until: number) =>
      ports.uploads.acquire(name, id, { token, now, until });
    const abandoned = async (before = CUT_OFF) =>
      idsOf(await ports.uploads.abandoned(before, { after: undefined, limit: 10 }));
    const purge = (id: UploadId) => ports.uploads.purge(id, CUT_OFF, NOW);

    it('lists what nobody has written to since the cut-off, longest ago first', async () => {
      const [second, first] = [await create(OLD + 1), await create(OLD)];
      await create(CUT_OFF);
      await lease(first, TOKEN, OLD, OLD + LEASE);
      await ports.uploads.release(first, TOKEN, 42, OLD);
      const listed = await ports.uploads.abandoned(CUT_OFF, { after: undefined, limit: 10 });
      expect(idsOf(listed)).toEqual([first.toString(), second.toString()]);
      expect(listed[0]).toMatchObject({ session: { offset: 42, fence: 0 }, touchedAt: OLD });
      expect(await abandoned(OLD)).toEqual([]);
    });

    it('lists page by page, sessions of the same moment too', async () => {
      const ids = await Promise.all(Array.from({ length: 7 }, (_, at) => create(OLD + (at % 2))));
      for (const size of [1, 3, 7]) {
        const paged = await pages(size, (page) => ports.uploads.abandoned(CUT_OFF, page));
        expect(paged.toSorted()).toEqual(ids.map(String).toSorted());
      }
    });

    it('ends an abandoned session for everyone, and settles it', async () => {
      const id = await create(OLD);
      expect(await purge(id)).toBe(true);
      expect(await ports.uploads.find(name, id)).toBeUndefined();
      expect(await lease(id, TOKEN, NOW, NOW + LEASE)).toEqual({ kind: 'unknown' });
      expect(await ports.uploads.cancel(name, id, NOW)).toBe(false);
      expect(await purge(id)).toBe(false);
      expect(await abandoned()).toEqual([]);
      expect(idsOf(await ports.uploads.settled(0, { after: undefined, limit: 10 }))).toEqual([id.toString()]);
    });

    it('leaves a session alone whose lease lives, however long ago its request began', async () => {
      const id = await create(OLD);
      await lease(id, TOKEN, OLD, OLD + LEASE);
      await ports.uploads.renew(id, TOKEN, NOW + LEASE);
      expect(await abandoned()).toEqual([]);
      expect(await purge(id)).toBe(false);
      expect(await ports.uploads.release(id, TOKEN, 7, NOW)).toBe(true);
      expect(await purge(id)).toBe(false);
      expect(await ports.uploads.find(name, id)).toMatchObject({ offset: 7 });
    });

    it('counts a lease that was never given back as written to until its end', async () => {
      const [killedNow, killedLongAgo] = [await create(OLD), await create(OLD)];
      await lease(killedNow, TOKEN, OLD, CUT_OFF);
      await lease(killedLongAgo, OTHER, OLD, CUT_OFF - 1);
      expect(await abandoned()).toEqual([killedLongAgo.toString()]);
      expect([await purge(killedNow), await purge(killedLongAgo)]).toEqual([false, true]);
      expect(await ports.uploads.renew(killedLongAgo, OTHER, NOW + LEASE)).toBe(false);
      expect(await ports.uploads.release(killedLongAgo, OTHER, 7, NOW)).toBe(false);
    });

    it('leaves a session alone to which a writer came between the look and the end', async () => {
      const [writing, written] = [await create(OLD), await create(OLD)];
      expect(await abandoned()).toHaveLength(2);
      await lease(writing, TOKEN, NOW, NOW + LEASE);
      await lease(written, TOKEN, NOW, NOW + LEASE);
      await ports.uploads.release(written, TOKEN, 7, NOW);
      expect([await purge(writing), await purge(written)]).toEqual([false, false]);
      expect(await ports.uploads.release(writing, TOKEN, 8, NOW)).toBe(true);
      expect(await ports.uploads.find(name, written)).toMatchObject({ offset: 7, fence: 0 });
    });

    it('knows neither completed nor cancelled sessions, nor such as never were', async () => {
      await pushBlob(ports, 'team/app', 'x', OLD);
      const completed = await beginPush(ports, 'team/app', 'x', OLD);
      await ports.blobs.reserve(completed);
      const cancelled = await create(OLD);
      await ports.uploads.cancel(name, cancelled, OLD);
      expect(await abandoned()).toEqual([]);
      const outcomes = [await purge(completed.upload), await purge(cancelled), await purge(newUploadId())];
      expect(outcomes).toEqual([false, false, false]);
      expect((await ports.uploads.find(name, completed.upload))?.completed).toBeDefined();
    });
  });
}
