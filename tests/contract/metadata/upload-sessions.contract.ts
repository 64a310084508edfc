import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  blobOf,
  beginPush,
  HOUR,
  newUploadId,
  NOW,
  openUpload,
  pushBlob,
  repository,
} from './metadata-actions.js';
import { UploadId } from '../../../src/domain/upload/upload-id.js';
import { idsOf, pages } from './listed-uploads.js';
import type { MetadataUnderTest, OpenMetadata } from './metadata-under-test.js';

const LEASE = 5_000;
const TOKEN = Buffer.alloc(16, 1);
const OTHER = Buffer.alloc(16, 2);

export function uploadSessionsContract(adapter: string, open: OpenMetadata): void {
  describe(`UploadSessions on ${adapter}`, () => {
    let ports: MetadataUnderTest;
    const name = repository('team/app');
    beforeEach(async () => {
      ports = await open();
    });
    afterEach(() => ports.dispose());

    const begin = (algorithm: 'sha256' | 'sha512' = 'sha256', now = NOW) =>
      ports.uploads.begin({ random: newUploadId(), repository: name, algorithm, now });
    const create = (now = NOW) => openUpload(ports.uploads, name, now);
    const acquire = (id: ReturnType<typeof newUploadId>, token: Buffer, now = NOW) =>
      ports.uploads.acquire(name, id, { token, now, until: now + LEASE });

    it('begins with nothing, under the algorithm that was named', async () => {
      const id = await begin('sha512');
      const session = await ports.uploads.find(name, id);
      expect(session).toMatchObject({ offset: 0, algorithm: 'sha512', fence: 0, completed: undefined });
      expect(session?.id.toString()).toBe(id.toString());
      expect(session?.repository.toString()).toBe('team/app');
    });

    it('needs no row before anything is done to it, and is known by its id for an hour', async () => {
      const id = await begin();
      expect(await ports.uploads.isKnown(id)).toBe(false);
      expect(await ports.uploads.find(name, id)).toMatchObject({ offset: 0, fence: 0 });
      const late = await begin('sha256', NOW - HOUR - 1);
      expect(await ports.uploads.find(name, late)).toBeUndefined();
      expect(await acquire(late, TOKEN)).toEqual({ kind: 'unknown' });
      expect(await ports.uploads.cancel(name, late, NOW)).toBe(false);
      expect(await ports.uploads.isKnown(late)).toBe(false);
    });

    it('is of its repository also without a row, and of this database', async () => {
      const id = await begin();
      expect(await ports.uploads.find(repository('team'), id)).toBeUndefined();
      expect(await ports.uploads.cancel(repository('team'), id, NOW)).toBe(false);
      const invented = UploadId.fromUuid(id.toString().replace(/.$/, (digit) => (digit === '0' ? '1' : '0')));
      expect(await ports.uploads.find(name, invented)).toBeUndefined();
      expect(await ports.tags.repositoryExists(name)).toBe(false);
    });

    it('gets its row with the first lease, under the algorithm that was named', async () => {
      const id = await begin('sha512');
      const session = { offset: 0, algorithm: 'sha512', fence: 0 };
      expect(await acquire(id, TOKEN)).toMatchObject({ kind: 'acquired', broken: undefined, session });
      expect(await ports.uploads.isKnown(id)).toBe(true);
      expect((await acquire(id, OTHER)).kind).toBe('busy');
    });

    it('that was cancelled without a row is not known by its id again', async () => {
      const id = await begin();
      expect(await ports.uploads.cancel(name, id, NOW)).toBe(true);
      expect(await ports.uploads.forget(id)).toBe(false);
      expect(await ports.uploads.find(name, id)).toBeUndefined();
      expect(await acquire(id, TOKEN)).toEqual({ kind: 'unknown' });
    });

    it('that was completed without a row is remembered, and not known by its id again', async () => {
      const upload = await begin();
      await ports.blobs.store({ repository: name, blob: blobOf('x'), upload, now: NOW }, Buffer.from('x'));
      const digest = blobOf('x').digest.toString();
      expect((await ports.uploads.find(name, upload))?.completed?.toString()).toBe(digest);
      expect(await acquire(upload, TOKEN)).toEqual({ kind: 'unknown' });
      expect(await ports.uploads.cancel(name, upload, NOW)).toBe(false);
      expect(await ports.uploads.forget(upload)).toBe(false);
      expect((await ports.uploads.find(name, upload))?.completed?.toString()).toBe(digest);
    });

    it('that was cancelled is not completed by bytes that come too late', async () => {
      const upload = await begin();
      await ports.uploads.cancel(name, upload, NOW);
      await ports.blobs.store({ repository: name, blob: blobOf('x'), upload, now: NOW }, Buffer.from('x'));
      expect(await ports.uploads.find(name, upload)).toBeUndefined();
    });

    it('belongs to its repository alone', async () => {
      const id = await create();
      expect(await ports.uploads.find(repository('team'), id)).toBeUndefined();
      expect(await ports.uploads.cancel(repository('team'), id, NOW)).toBe(false);
      const lease = { token: TOKEN, now: NOW, until: NOW + LEASE };
      expect(await ports.uploads.acquire(repository('team'), id, lease)).toEqual({ kind: 'unknown' });
      expect(await ports.uploads.find(name, newUploadId())).toBeUndefined();
    });

    it('is known in whatever state, and by its id alone', async () => {
      const [opened, cancelled] = [await create(), await create(NOW - 2 * HOUR)];
      await ports.uploads.cancel(name, cancelled, NOW);
      const push = await beginPush(ports, 'team/app', 'x');
      const reservation = await ports.blobs.reserve(push);
      if (reservation.kind !== 'reserved') throw new Error(reservation.kind);
      await ports.blobs.commit(push, reservation.contentId);
      for (const id of [opened, cancelled, push.upload]) expect(await ports.uploads.isKnown(id)).toBe(true);
      await ports.uploads.forget(cancelled);
      expect(await ports.uploads.isKnown(cancelled)).toBe(false);
      expect(await ports.uploads.isKnown(newUploadId())).toBe(false);
    });

    it('does not make its repository exist for clients', async () => {
      await create();
      expect(await ports.tags.repositoryExists(name)).toBe(false);
      expect(await ports.catalog.page({ after: undefined, limit: 10 })).toEqual([]);
    });

    it('gives the lease to one writer and tells the others that it is held', async () => {
      const id = await create();
      const first = await acquire(id, TOKEN);
      expect(first).toMatchObject({ kind: 'acquired', broken: undefined, session: { offset: 0, fence: 0 } });
      expect(await acquire(id, OTHER, NOW + LEASE - 1)).toMatchObject({
        kind: 'busy',
        session: { fence: 0 },
      });
    });

    it('records the offset when the lease is given back, and the next writer goes on there', async () => {
      const id = await create();
      await acquire(id, TOKEN);
      expect(await ports.uploads.release(id, TOKEN, 5_000_000_000, NOW)).toBe(true);
      expect((await ports.uploads.find(name, id))?.offset).toBe(5_000_000_000);
      const next = await acquire(id, OTHER);
      const session = { offset: 5_000_000_000, fence: 0 };
      expect(next).toMatchObject({ kind: 'acquired', broken: undefined, session });
    });

    it('breaks an expired lease: the fence goes up and the old holder can do nothing more', async () => {
      const id = await create();
      await acquire(id, TOKEN);
      const next = await acquire(id, OTHER, NOW + LEASE);
      expect(next).toMatchObject({ kind: 'acquired', broken: 0, session: { fence: 1 } });
      expect(await ports.uploads.renew(id, TOKEN, NOW + 9 * LEASE)).toBe(false);
      expect(await ports.uploads.release(id, TOKEN, 99, NOW)).toBe(false);
      expect(await ports.uploads.find(name, id)).toMatchObject({ offset: 0, fence: 1 });
      expect(await ports.uploads.release(id, OTHER, 7, NOW)).toBe(true);
    });

    it('prolongs a lease for its holder alone', async () => {
      const id = await create();
      await acquire(id, TOKEN);
      expect(await ports.uploads.renew(id, OTHER, NOW + 9 * LEASE)).toBe(false);
      expect(await ports.uploads.renew(id, TOKEN, NOW + 9 * LEASE)).toBe(true);
      expect((await acquire(id, OTHER, NOW + 8 * LEASE)).kind).toBe('busy');
    });

    it('is unknown to everyone once cancelled', async () => {
      const id = await create();
      await acquire(id, TOKEN);
      expect(await ports.uploads.cancel(name, id, NOW)).toBe(true);
      expect(await ports.uploads.find(name, id)).toBeUndefined();
      expect(await acquire(id, OTHER)).toEqual({ kind: 'unknown' });
      expect(await ports.uploads.renew(id, TOKEN, NOW + LEASE)).toBe(false);
      expect(await ports.uploads.release(id, TOKEN, 1, NOW)).toBe(false);
      expect(await ports.uploads.cancel(name, id, NOW)).toBe(false);
    });

    it('stays readable once completed, and takes no more writers', async () => {
      const push = await beginPush(ports, 'team/app', 'x');
      await acquire(push.upload, TOKEN);
      const reservation = await ports.blobs.reserve(push);
      if (reservation.kind !== 'reserved') throw new Error(reservation.kind);
      await ports.blobs.commit(push, reservation.contentId);
      const completed = (await ports.uploads.find(name, push.upload))?.completed;
      expect(completed?.equals(blobOf('x').digest)).toBe(true);
      expect(await acquire(push.upload, OTHER, NOW + 9 * LEASE)).toEqual({ kind: 'unknown' });
      expect(await ports.uploads.release(push.upload, TOKEN, 1, NOW)).toBe(false);
      expect(await ports.uploads.cancel(name, push.upload, NOW)).toBe(false);
    });

    it('settles cancelled sessions at once and completed ones after their time, and forgets only those', async () => {
      const [alive, cancelled] = [await create(), await create(NOW - 2 * HOUR)];
      await ports.uploads.cancel(name, cancelled, NOW + HOUR);
      const past = NOW - 2 * HOUR;
      await pushBlob(ports, 'team/app', 'x', past);
      const settled = async (before: number, limit = 10) =>
        idsOf(await ports.uploads.settled(before, { after: undefined, limit }));
      expect(await settled(past)).toEqual([cancelled.toString()]);
      const both = await settled(past + 1);
      expect(both).toHaveLength(2);
      expect(both).not.toContain(alive.toString());
      expect(await settled(past + 1, 1)).toHaveLength(1);
      for (const id of both) await ports.uploads.forget(UploadId.fromUuid(id));
      await ports.uploads.forget(alive);
      expect(await settled(NOW + 9 * HOUR)).toEqual([]);
      expect(await ports.uploads.find(name, alive)).toBeDefined();
    });

    it('settles page by page, cancelled sessions before completed ones', async () => {
      for (const content of ['a', 'b']) await pushBlob(ports, 'team/app', content, NOW);
      for (let n = 0; n < 3; n += 1) await ports.uploads.cancel(name, await create(), NOW + 5);
      const all = await ports.uploads.settled(NOW + 1, { after: undefined, limit: 10 });
      expect(all.map(({ session }) => session.completed !== undefined)).toEqual([
        false,
        false,
        false,
        true,
        true,
      ]);
      for (const size of [1, 2, 3]) {
        const paged = await pages(size, (page) => ports.uploads.settled(NOW + 1, page));
        expect(paged).toEqual(idsOf(all));
      }
    });
  });
}
