import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Digest } from '../../../src/domain/content/digest.js';
import {
  beginPush,
  blobOf,
  DAY,
  HOUR,
  image,
  NOW,
  pushBlob,
  pushImage,
  put,
  repository,
} from './metadata-actions.js';
import type { MetadataUnderTest, OpenMetadata } from './metadata-under-test.js';

export function blobIndexContract(adapter: string, open: OpenMetadata): void {
  describe(`BlobIndex on ${adapter}`, () => {
    let ports: MetadataUnderTest;
    beforeEach(async () => {
      ports = await open();
    });
    afterEach(() => ports.dispose());

    const mount = (digest: Digest, source: string, target: string, now = NOW) =>
      ports.blobs.mount({
        mayUse: () => true,
        digest,
        source: source === 'anywhere' ? source : repository(source),
        target: repository(target),
        now,
      });

    it('knows no blob of a repository that has none', async () => {
      expect(await ports.blobs.find(repository('a'), blobOf('x').digest)).toBeUndefined();
    });

    it('shows a blob only after the commit, with its size and a grace and a half until its review', async () => {
      const push = await beginPush(ports, 'a', 'four');
      const reservation = await ports.blobs.reserve(push);
      expect(await ports.blobs.find(push.repository, push.blob.digest)).toBeUndefined();
      expect(reservation.kind).toBe('reserved');
      if (reservation.kind !== 'reserved') return;
      expect(await ports.blobs.commit(push, reservation.contentId)).toBeDefined();
      const link = await ports.blobs.find(push.repository, push.blob.digest);
      expect(link).toEqual({ size: 4, reviewAfter: NOW + 1.5 * DAY });
    });

    it('keeps sha512 digests apart from sha256 ones', async () => {
      const digest = await pushBlob(ports, 'a', 'x');
      expect(digest.algorithm).toBe('sha256');
      expect(await ports.blobs.find(repository('a'), Digest.of('sha512', Buffer.from('x')))).toBeUndefined();
    });

    it('closes the session in the transaction that makes the link', async () => {
      const push = await beginPush(ports, 'a', 'x');
      const reservation = await ports.blobs.reserve(push);
      if (reservation.kind !== 'reserved') throw new Error(reservation.kind);
      expect((await ports.uploads.find(push.repository, push.upload))?.completed).toBeUndefined();
      await ports.blobs.commit(push, reservation.contentId);
      const session = await ports.uploads.find(push.repository, push.upload);
      expect(session?.completed?.toString()).toBe(push.blob.digest.toString());
    });

    it('gives two pushers of one digest the same reservation, and both commit', async () => {
      const [first, second] = [await beginPush(ports, 'a', 'x'), await beginPush(ports, 'b', 'x')];
      const reservation = await ports.blobs.reserve(first);
      expect(await ports.blobs.reserve(second)).toEqual(reservation);
      if (reservation.kind !== 'reserved') throw new Error(reservation.kind);
      expect(await ports.blobs.commit(second, reservation.contentId)).toBeDefined();
      expect(await ports.blobs.commit(first, reservation.contentId)).toBeDefined();
      expect(await ports.blobs.find(first.repository, first.blob.digest)).toBeDefined();
      expect(await ports.blobs.find(second.repository, first.blob.digest)).toBeDefined();
    });

    it('adopts a blob that another repository has, and closes the session', async () => {
      await pushBlob(ports, 'a', 'x');
      const push = await beginPush(ports, 'b', 'x');
      expect(await ports.blobs.reserve(push)).toMatchObject({ kind: 'adopted' });
      expect(await ports.blobs.find(push.repository, push.blob.digest)).toBeDefined();
      expect((await ports.uploads.find(push.repository, push.upload))?.completed).toBeDefined();
    });

    it('takes a small blob in with its bytes, in one transaction that closes the session', async () => {
      const push = await beginPush(ports, 'a', 'four');
      const stored = await ports.blobs.store(push, Buffer.from('four'));
      expect(stored).toMatchObject({
        kind: 'stored',
        changes: [{ waiting: { bytes: Buffer.from('four') } }],
      });
      const link = await ports.blobs.find(push.repository, push.blob.digest);
      expect(link).toEqual({ size: 4, reviewAfter: NOW + 1.5 * DAY });
      expect((await ports.uploads.find(push.repository, push.upload))?.completed).toBeDefined();
      const again = await ports.blobs.store(await beginPush(ports, 'b', 'four'), Buffer.from('four'));
      expect(again).toMatchObject({ kind: 'adopted', changes: [{ name: { kind: 'layer' } }] });
    });

    it('refuses to commit a reservation that is none', async () => {
      const push = await beginPush(ports, 'a', 'x');
      expect(await ports.blobs.commit(push, 4711)).toBeUndefined();
      expect(await ports.blobs.find(push.repository, push.blob.digest)).toBeUndefined();
      expect((await ports.uploads.find(push.repository, push.upload))?.completed).toBeUndefined();
    });

    it('renews a link that is pushed again later than half a grace, and leaves a younger one', async () => {
      await pushBlob(ports, 'a', 'x');
      const reviewAfter = async () =>
        (await ports.blobs.find(repository('a'), blobOf('x').digest))?.reviewAfter;
      await pushBlob(ports, 'a', 'x', NOW + HOUR);
      expect(await reviewAfter()).toBe(NOW + 1.5 * DAY);
      await pushBlob(ports, 'a', 'x', NOW + 0.6 * DAY);
      expect(await reviewAfter()).toBe(NOW + 2.1 * DAY);
    });

    it('renews a link on demand, never to an earlier time, and says when it is gone', async () => {
      const digest = await pushBlob(ports, 'a', 'x');
      const later = NOW + 3 * DAY;
      expect(await ports.blobs.renew(repository('a'), digest, later)).toBe(true);
      expect(await ports.blobs.renew(repository('a'), digest, NOW)).toBe(true);
      expect((await ports.blobs.find(repository('a'), digest))?.reviewAfter).toBe(later);
      expect(await ports.blobs.renew(repository('b'), digest, later)).toBe(false);
      expect(await ports.blobs.renew(repository('a'), blobOf('y').digest, later)).toBe(false);
    });

    it('mounts from a named repository and from anywhere', async () => {
      const digest = await pushBlob(ports, 'a', 'x');
      expect(await mount(digest, 'a', 'b')).toHaveLength(1);
      expect(await mount(digest, 'anywhere', 'c')).toHaveLength(1);
      for (const name of ['b', 'c']) {
        expect(await ports.blobs.find(repository(name), digest)).toEqual({
          size: 1,
          reviewAfter: NOW + 1.5 * DAY,
        });
      }
    });

    it('mounts from anywhere only what may be used, among the repositories that have it', async () => {
      const digest = await pushBlob(ports, 'a', 'x');
      await mount(digest, 'a', 'b');
      const asked: string[] = [];
      const from = (usable: string) =>
        ports.blobs.mount({
          digest,
          source: 'anywhere',
          mayUse: (name) => (asked.push(name), name === usable),
          target: repository('c'),
          now: NOW,
        });
      expect(await from('other')).toBeUndefined();
      expect(asked.toSorted()).toEqual(['a', 'b']);
      expect(await ports.tags.repositoryExists(repository('c'))).toBe(false);
      expect(await from('b')).toHaveLength(1);
    });

    it('looks at a bounded number of repositories for one that may be used', async () => {
      const digest = await pushBlob(ports, 'a', 'x');
      for (let index = 0; index < 120; index += 1) await mount(digest, 'a', `r${index}`);
      const asked = new Set<string>();
      const mayUse = (name: string) => (asked.add(name), false);
      const target = repository('c');
      const mounted = ports.blobs.mount({ digest, source: 'anywhere', mayUse, target, now: NOW });
      expect([await mounted, asked.size]).toEqual([undefined, 100]);
    });

    it('mounts nothing from a repository that does not have the blob, and makes no repository for it', async () => {
      const digest = await pushBlob(ports, 'a', 'x');
      await pushBlob(ports, 'b', 'y');
      expect(await mount(digest, 'b', 'c')).toBeUndefined();
      expect(await mount(digest, 'nowhere', 'c')).toBeUndefined();
      expect(await mount(blobOf('z').digest, 'anywhere', 'c')).toBeUndefined();
      expect(await ports.tags.repositoryExists(repository('c'))).toBe(false);
    });

    it('mounts no content whose bytes are not placed: neither reserved nor a manifest', async () => {
      await ports.blobs.reserve(await beginPush(ports, 'a', 'x'));
      expect(await mount(blobOf('x').digest, 'anywhere', 'b')).toBeUndefined();
      const manifest = await pushImage(ports, 'a', 'config');
      expect(await mount(manifest.digest, 'a', 'b')).toBeUndefined();
      expect(await mount(manifest.digest, 'anywhere', 'b')).toBeUndefined();
    });

    it('mounts again what is there', async () => {
      const digest = await pushBlob(ports, 'a', 'x');
      expect(await mount(digest, 'a', 'b')).toHaveLength(1);
      expect(await mount(digest, 'a', 'b', NOW + DAY)).toEqual([]);
      const link = await ports.blobs.find(repository('b'), digest);
      expect(link?.reviewAfter).toBe(NOW + 2.5 * DAY);
    });

    it('takes a blob out of one repository and leaves the others theirs', async () => {
      const digest = await pushBlob(ports, 'a', 'x');
      await mount(digest, 'a', 'b');
      expect(await ports.blobs.unlink(repository('a'), digest, NOW)).toMatchObject({ kind: 'unlinked' });
      expect(await ports.blobs.find(repository('a'), digest)).toBeUndefined();
      expect(await ports.blobs.find(repository('b'), digest)).toBeDefined();
      expect(await ports.blobs.unlink(repository('a'), digest, NOW)).toEqual({ kind: 'unknown' });
    });

    it('does not know what it should take out', async () => {
      const digest = await pushBlob(ports, 'a', 'x');
      for (const [name, blob] of [
        ['b', digest],
        ['a', blobOf('y').digest],
      ] as const) {
        expect(await ports.blobs.unlink(repository(name), blob, NOW)).toEqual({ kind: 'unknown' });
      }
    });

    it('refuses to take out what a manifest of the repository references, naming ten manifests at most', async () => {
      const manifests = await Promise.all(
        Array.from({ length: 12 }, (_, at) => pushImage(ports, 'a', 'shared', { note: String(at) })),
      );
      const { digest } = blobOf('shared');
      const outcome = await ports.blobs.unlink(repository('a'), digest, NOW);
      expect(outcome.kind).toBe('referenced');
      if (outcome.kind !== 'referenced') return;
      expect(outcome.manifests).toHaveLength(10);
      const known = new Set(manifests.map((manifest) => manifest.digest.toString()));
      for (const named of outcome.manifests) expect(known).toContain(named.toString());
      expect(await ports.blobs.find(repository('a'), digest)).toBeDefined();
    });

    it('is not held by manifests of other repositories', async () => {
      await pushImage(ports, 'a', 'shared');
      const digest = await pushBlob(ports, 'b', 'shared');
      expect(await ports.blobs.unlink(repository('b'), digest, NOW)).toMatchObject({ kind: 'unlinked' });
    });

    it('lets the blob go once the last manifest that referenced it is deleted', async () => {
      const manifest = image('shared');
      await pushBlob(ports, 'a', 'shared');
      await put(ports, 'a', manifest);
      await ports.manifests.delete(repository('a'), manifest.digest, NOW);
      const outcome = await ports.blobs.unlink(repository('a'), blobOf('shared').digest, NOW);
      expect(outcome).toMatchObject({ kind: 'unlinked' });
    });

    it('accepts a blob again that was taken out', async () => {
      const digest = await pushBlob(ports, 'a', 'x');
      await ports.blobs.unlink(repository('a'), digest, NOW);
      await pushBlob(ports, 'a', 'x', NOW + HOUR);
      expect(await ports.blobs.find(repository('a'), digest)).toEqual({
        size: 1,
        reviewAfter: NOW + HOUR + 1.5 * DAY,
      });
    });
  });
}
