import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Claim, DueContent } from '../../../src/application/ports/metadata/content-removals.js';
import type { Digest } from '../../../src/domain/content/digest.js';
import { beginPush, blobOf, DAY, NOW, pushBlob, pushImage, repository } from './metadata-actions.js';
import type { MetadataUnderTest, OpenMetadata } from './metadata-under-test.js';

const LATER = NOW + 3 * DAY;
const LEASE = 120_000;

export function contentRemovalsContract(adapter: string, open: OpenMetadata): void {
  describe(`ContentRemovals on ${adapter}`, () => {
    let ports: MetadataUnderTest;
    const a = repository('a');
    beforeEach(async () => {
      ports = await open();
    });
    afterEach(() => ports.dispose());

    const newClaim = (until = LATER + LEASE): Claim => ({ token: randomBytes(16), until });
    const due = async (dueUntil = LATER): Promise<readonly DueContent[]> =>
      ports.removals.dueContents({ dueUntil, after: undefined, limit: 100 });
    const condemnAll = async (claim: Claim, dueUntil = LATER) =>
      ports.removals.condemn(await due(), claim, { now: LATER, dueUntil });
    /** A blob that nobody links any more, and whose link files are done. */
    const unlinked = async (content: string): Promise<Digest> => {
      const digest = await pushBlob(ports, 'a', content);
      await ports.blobs.unlink(a, digest, LATER);
      await forgetJournal();
      return digest;
    };
    /** As when all link files are written and flushed. */
    const forgetJournal = (): Promise<void> =>
      ports.journal.forget(Array.from({ length: 100 }, (_row, at) => ({ id: at + 1 })));
    const reserve = async (content: string) =>
      ports.blobs.reserve(await beginPush(ports, 'b', content, LATER));

    it('finds nothing due that is linked for the first time, and everything that was unlinked', async () => {
      await pushBlob(ports, 'a', 'x');
      expect(await due(NOW + DAY - 1)).toEqual([]);
      const digest = await unlinked('y');
      const found = await due();
      expect(found.map((content) => String(content.digest))).toContain(String(digest));
    });

    it('condemns what nothing names: pushes wait, and after it is forgotten the digest begins a new life', async () => {
      const digest = await unlinked('x');
      const claim = newClaim();
      const [content] = await due();
      if (content === undefined) throw new Error('not due');
      expect(await condemnAll(claim)).toEqual(['condemned']);
      expect(await due()).toEqual([]);
      expect(await reserve('x')).toEqual({ kind: 'condemned' });
      expect(await ports.removals.isClaimed(claim.token)).toBe(true);
      expect(await ports.removals.forget([content.id], claim.token)).toBe(1);
      expect(await ports.removals.isClaimed(claim.token)).toBe(false);
      const reservation = await reserve('x');
      if (reservation.kind !== 'reserved') throw new Error(reservation.kind);
      expect(reservation.contentId).toBeGreaterThan(content.id);
      expect(digest.equals(blobOf('x').digest)).toBe(true);
    });

    it('keeps what a link or a manifest names, and looks again only when that ends', async () => {
      const manifest = await pushImage(ports, 'a', 'config', { tags: ['v1'] });
      await forgetJournal();
      expect(await condemnAll(newClaim())).toEqual(['referenced', 'referenced']);
      expect(await due()).toEqual([]);
      await ports.manifests.delete(a, manifest.digest, LATER);
      await forgetJournal();
      expect((await due()).map(({ digest }) => String(digest))).toEqual([String(manifest.digest)]);
    });

    it('knows the repositories that have lost it, whoever took it from them, until its life ends', async () => {
      const manifest = await pushImage(ports, 'a', 'config', { layers: ['x'], tags: ['v1'] });
      for (const name of ['b', 'c']) await pushBlob(ports, name, 'x');
      await ports.manifests.delete(a, manifest.digest, LATER);
      const { digest } = blobOf('x');
      for (const name of ['a', 'b', 'c']) await ports.blobs.unlink(repository(name), digest, LATER);
      await forgetJournal();
      const contents = await due();
      const formerOf = async (each: Digest): Promise<readonly string[]> => {
        const content = contents.find((found) => found.digest.equals(each));
        return (await ports.removals.formerRepositories(content?.id ?? 0)).map(String).toSorted();
      };
      expect(await formerOf(digest)).toEqual(['a', 'b', 'c']);
      expect(await formerOf(manifest.digest)).toEqual(['a']);
      expect(await formerOf(blobOf('config').digest)).toEqual([]);
      const claim = newClaim();
      await condemnAll(claim);
      await ports.removals.forget(
        contents.map(({ id }) => id),
        claim.token,
      );
      expect(await formerOf(digest)).toEqual([]);
    });

    it('waits for a link file that may still name it, in whatever repository', async () => {
      const digest = await pushBlob(ports, 'a', 'x');
      await forgetJournal();
      await ports.blobs.unlink(a, digest, LATER);
      expect(await condemnAll(newClaim())).toEqual(['pending']);
      expect(await due()).toEqual([]);
      expect(await due(LATER + 60_000)).toHaveLength(1);
      await forgetJournal();
      const again = await due(LATER + 60_000);
      const moment = { now: LATER + 60_000, dueUntil: LATER + 60_000 };
      expect(await ports.removals.condemn(again, newClaim(), moment)).toEqual(['condemned']);
    });

    it('keeps what a link that can not be read is about', async () => {
      const digest = await unlinked('x');
      const path = `docker/registry/v2/repositories/b/_layers/sha256/${digest.hex}/link`;
      const unreadable = [{ path, repository: 'b', reason: 'is cut off' }];
      const nothing = { blobs: [], manifests: [], tags: [], movedTags: 'keep' } as const;
      await ports.adoption.add({ repository: repository('b'), ...nothing, unreadable }, NOW);
      expect(await condemnAll(newClaim())).toEqual(['unreadable']);
      expect(await due(LATER + DAY)).toEqual([]);
      expect((await reserve('x')).kind).toBe('adopted');
    });

    it('does nothing to a content that was reserved anew, or condemned by another', async () => {
      await unlinked('x');
      const seen = await due();
      expect(await condemnAll(newClaim())).toEqual(['condemned']);
      const moment = { now: LATER, dueUntil: LATER };
      expect(await ports.removals.condemn(seen, newClaim(), moment)).toEqual(['not-due']);
      await ports.blobs.reserve(await beginPush(ports, 'a', 'y', NOW));
      const old = (await due()).filter(({ digest }) => digest.equals(blobOf('y').digest));
      expect(old).toHaveLength(1);
      await reserve('y');
      expect(await ports.removals.condemn(old, newClaim(), moment)).toEqual(['not-due']);
    });

    describe('a claim whose lease is over', () => {
      const claim = newClaim();
      let content: DueContent;
      beforeEach(async () => {
        await unlinked('x');
        [content] = (await due()) as [DueContent];
        await condemnAll(claim);
      });

      it('is found, by all and by its digest, and not before', async () => {
        expect(await ports.removals.expired(claim.until, 10)).toEqual([]);
        expect(await ports.removals.expiredOf(content.digest, claim.until)).toBeUndefined();
        const [expired] = await ports.removals.expired(claim.until + 1, 10);
        expect(expired).toMatchObject({ id: content.id, size: 1 });
        expect(expired?.token.equals(claim.token)).toBe(true);
        const one = await ports.removals.expiredOf(content.digest, claim.until + 1);
        expect(one?.id).toBe(content.id);
      });

      it('is taken over once: the former holder can forget and give back nothing', async () => {
        const now = claim.until + 1;
        const [expired] = await ports.removals.expired(now, 10);
        if (expired === undefined) throw new Error('not expired');
        const [heir, late] = [newClaim(now + LEASE), newClaim(now + LEASE)];
        expect(await ports.removals.takeOver(expired, heir, now)).toBe(true);
        expect(await ports.removals.takeOver(expired, late, now)).toBe(false);
        expect(await ports.removals.forget([content.id], claim.token)).toBe(0);
        await ports.removals.release(content.id, claim.token, now);
        expect(await reserve('x')).toEqual({ kind: 'condemned' });
        expect(await ports.removals.forget([content.id], heir.token)).toBe(1);
      });

      it('is not taken over while it runs', async () => {
        const [expired] = await ports.removals.expired(claim.until + 1, 10);
        if (expired === undefined) throw new Error('not expired');
        expect(await ports.removals.takeOver(expired, newClaim(), claim.until)).toBe(false);
      });
    });

    it('gives back what was certainly not removed as a new life: due again at its time, and placed anew by a push', async () => {
      await unlinked('x');
      const [content] = await due();
      if (content === undefined) throw new Error('not due');
      const claim = newClaim();
      await condemnAll(claim);
      const slow = await beginPush(ports, 'a', 'x', LATER);
      const former = await ports.removals.formerRepositories(content.id);
      expect(former).not.toEqual([]);
      await ports.removals.release(content.id, claim.token, LATER + 5);
      expect(await due(LATER + 4)).toEqual([]);
      const [anew] = await due(LATER + 5);
      expect(anew?.id).toBeGreaterThan(content.id);
      expect(await ports.removals.formerRepositories(anew?.id ?? 0)).toEqual(former);
      expect(await ports.removals.expired(LATER + 10 * DAY, 10)).toEqual([]);
      expect(await reserve('x')).toEqual({ kind: 'reserved', contentId: anew?.id });
      // Its bytes may have been removed by whoever held the claim before.
      expect(await ports.blobs.commit(slow, content.id)).toBeUndefined();
    });
  });
}
