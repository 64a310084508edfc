import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  DueName,
  DuePage,
  LinkReview,
  ManifestReview,
} from '../../../src/application/ports/metadata/reviews.js';
import type { Digest } from '../../../src/domain/content/digest.js';
import { parseReference } from '../../../src/domain/manifest/reference.js';
import { ON_REQUEST } from '../../../src/domain/lifecycle/grace.js';
import {
  blobOf,
  DAY,
  HOUR,
  image,
  index,
  NOW,
  pushBlob,
  pushImage,
  put,
  repository,
  tag,
} from './metadata-actions.js';
import type { MetadataUnderTest, OpenMetadata } from './metadata-under-test.js';

/** Everything that has a grace is over then. */
const LATER = NOW + 3 * DAY;

export function reviewsContract(adapter: string, open: OpenMetadata): void {
  describe(`Reviews on ${adapter}`, () => {
    let ports: MetadataUnderTest;
    const a = repository('a');
    beforeEach(async () => {
      ports = await open();
    });
    afterEach(() => ports.dispose());

    const page = (dueUntil: number, more: Partial<DuePage> = {}): DuePage => ({
      dueUntil,
      after: undefined,
      limit: 100,
      ...more,
    });
    const findLink = async (digest: Digest, dueUntil = LATER): Promise<DueName> => {
      const links = await ports.reviews.dueLinks(page(dueUntil));
      const found = links.find((link) => link.digest.equals(digest));
      if (found === undefined) throw new Error('the link is not due');
      return found;
    };
    const reviewLink = async (digest: Digest, now = LATER): Promise<LinkReview> => {
      const [review] = await ports.reviews.reviewLinks([await findLink(digest, now)], { now, dueUntil: now });
      if (review === undefined) throw new Error('no answer');
      return review;
    };
    const reviewManifest = async (digest: Digest, now = LATER): Promise<ManifestReview> => {
      const due = await ports.reviews.dueManifests(page(now));
      const found = due.find((manifest) => manifest.digest.equals(digest));
      if (found === undefined) throw new Error('the manifest is not due');
      return ports.reviews.reviewManifest(found, { now, dueUntil: now });
    };
    const has = async (reference: Digest | string): Promise<boolean> =>
      (await ports.manifests.find(a, parseReference(reference.toString()))) !== undefined;
    const adopt = async (names: Parameters<typeof ports.adoption.add>[0]) => ports.adoption.add(names, NOW);

    describe('of links', () => {
      it('are due after one and a half graces, in pages in the order of their time', async () => {
        const late = await pushBlob(ports, 'a', 'late', NOW + HOUR);
        const early = await pushBlob(ports, 'a', 'early', NOW);
        const other = await pushBlob(ports, 'b', 'early', NOW);
        expect(await ports.reviews.dueLinks(page(NOW + 1.5 * DAY - 1))).toEqual([]);
        const first = await ports.reviews.dueLinks(page(LATER, { limit: 2 }));
        expect(first.map(({ digest }) => String(digest))).toEqual([String(early), String(other)]);
        expect(first.map((link) => String(link.repository))).toEqual(['a', 'b']);
        const rest = await ports.reviews.dueLinks(page(LATER, { after: first.at(-1)?.cursor }));
        expect(rest.map(({ digest }) => String(digest))).toEqual([String(late)]);
        expect(await ports.reviews.countDue({ links: NOW + 1.5 * DAY, others: 0 }, { untagged: true })).toBe(
          2,
        );
      });

      it('remove what no manifest of the repository references, and let its link file follow', async () => {
        const digest = await pushBlob(ports, 'a', 'x');
        const review = await reviewLink(digest);
        expect(review).toMatchObject({ kind: 'unlinked', changes: [{ name: { kind: 'layer', digest } }] });
        expect(await ports.blobs.find(a, digest)).toBeUndefined();
        expect(await ports.tags.repositoryExists(a)).toBe(false);
      });

      it('tell what would go and leave it as it is, when that is all they are asked for', async () => {
        const digest = await pushBlob(ports, 'a', 'x');
        const link = await findLink(digest);
        const moment = { now: LATER, dueUntil: LATER };
        expect(await ports.reviews.reviewLinks([link], moment, 'tell')).toEqual([{ kind: 'unreferenced' }]);
        expect(await findLink(digest)).toEqual(link);
        expect(await ports.reviews.reviewLinks([link], moment, 'remove')).toMatchObject([
          { kind: 'unlinked' },
        ]);
      });

      it('keep what is referenced, and look again only when that ends', async () => {
        const manifest = await pushImage(ports, 'a', 'config', { tags: ['v1'] });
        const { digest } = blobOf('config');
        expect(await reviewLink(digest)).toEqual({ kind: 'referenced' });
        expect((await ports.blobs.find(a, digest))?.reviewAfter).toBeUndefined();
        await ports.manifests.delete(a, manifest.digest, LATER);
        expect((await ports.blobs.find(a, digest))?.reviewAfter).toBe(LATER + DAY);
        expect(await reviewLink(digest, LATER + DAY)).toMatchObject({ kind: 'unlinked' });
      });

      it('do nothing to a link that was renewed since the page was read', async () => {
        const digest = await pushBlob(ports, 'a', 'x');
        const link = await findLink(digest);
        await ports.blobs.renew(a, digest, LATER + DAY);
        const moment = { now: LATER, dueUntil: LATER };
        expect(await ports.reviews.reviewLinks([link], moment)).toEqual([{ kind: 'not-due' }]);
        await ports.blobs.unlink(a, digest, LATER);
        expect(await ports.reviews.reviewLinks([link], moment)).toEqual([{ kind: 'not-due' }]);
      });

      it('of another repository keep nothing here', async () => {
        await pushImage(ports, 'b', 'config', { tags: ['v1'] });
        const digest = await pushBlob(ports, 'a', 'config');
        const links = await ports.reviews.dueLinks(page(LATER));
        const mine = links.filter((link) => link.repository.toString() === 'a');
        const reviews = await ports.reviews.reviewLinks(mine, { now: LATER, dueUntil: LATER });
        expect(reviews).toMatchObject([{ kind: 'unlinked' }]);
        expect(await ports.blobs.find(repository('b'), digest)).toBeDefined();
      });

      it('see what a manifest references that came before its blob, and hold it from then on', async () => {
        await put(ports, 'a', image('late'), { tags: ['v1'], sparse: true });
        const digest = await pushBlob(ports, 'a', 'late');
        const stranger = await pushBlob(ports, 'a', 'stranger');
        expect(await reviewLink(digest)).toEqual({ kind: 'referenced' });
        expect(await ports.blobs.unlink(a, digest, LATER)).toMatchObject({ kind: 'referenced' });
        expect(await reviewLink(stranger)).toMatchObject({ kind: 'unlinked' });
      });

      it('keep everything of a repository in which something can not be read, until that is dropped', async () => {
        const digest = await pushBlob(ports, 'a', 'x');
        await adopt({
          repository: a,
          blobs: [],
          manifests: [],
          tags: [],
          movedTags: 'keep',
          unreadable: [{ path: 'p', repository: 'a', reason: 'is cut off' }],
        });
        expect(await reviewLink(digest)).toEqual({ kind: 'unreadable' });
        expect((await ports.blobs.find(a, digest))?.reviewAfter).toBe(ON_REQUEST);
        const [named, ...more] = await ports.reviews.unreadable(0, 10);
        expect([named?.repository, named?.count, more.length]).toEqual(['a', 1, 0]);
        expect(await ports.reviews.dropUnreadable(a)).toBe(1);
        expect(await ports.reviews.unreadable(0, 10)).toEqual([]);
        expect(await ports.reviews.request({ links: LATER, others: LATER }, 10)).toBe(1);
        expect(await reviewLink(digest)).toMatchObject({ kind: 'unlinked' });
      });
    });

    it('leave what was adopted to a request, or to a change', async () => {
      const [one, two] = [blobOf('one'), blobOf('two')];
      const manifest = image('one');
      await adopt({
        repository: a,
        blobs: [one, two],
        manifests: [
          {
            digest: manifest.digest,
            mediaType: manifest.mediaType,
            bytes: manifest.bytes,
            content: manifest,
          },
        ],
        tags: [],
        movedTags: 'keep',
        unreadable: [],
      });
      expect(await ports.reviews.dueLinks(page(ON_REQUEST - 1))).toEqual([]);
      expect(await ports.reviews.dueManifests(page(ON_REQUEST - 1))).toEqual([]);
      await ports.manifests.delete(a, manifest.digest, NOW);
      expect((await ports.blobs.find(a, one.digest))?.reviewAfter).toBe(NOW + DAY);
      expect((await ports.blobs.find(a, two.digest))?.reviewAfter).toBe(ON_REQUEST);
      expect(await ports.reviews.request({ links: NOW + HOUR, others: NOW }, 10)).toBe(1);
      expect((await ports.blobs.find(a, two.digest))?.reviewAfter).toBe(NOW + HOUR);
    });

    it('count what is young once, wherever it is linked, and nothing that is referenced', async () => {
      await pushBlob(ports, 'a', 'twice');
      await pushBlob(ports, 'b', 'twice', NOW + HOUR);
      await pushBlob(ports, 'a', 'used');
      await pushImage(ports, 'c', 'used', { tags: ['v1'] });
      const young = await ports.reviews.young(NOW);
      expect(young).toEqual({ blobs: 1, bytes: 5, until: NOW + 1.5 * DAY });
      expect(await ports.reviews.young(LATER)).toEqual({ blobs: 0, bytes: 0, until: 0 });
    });

    describe('of manifests', () => {
      it('remove what no tag reaches, with all that follows', async () => {
        const manifest = await pushImage(ports, 'a', 'config', { tags: ['v1'] });
        await pushImage(ports, 'a', 'other', { tags: ['v1'] });
        const review = await reviewManifest(manifest.digest);
        if (review.kind !== 'removed') throw new Error(review.kind);
        expect(review.manifests.map(({ digest }) => String(digest))).toEqual([String(manifest.digest)]);
        expect(review.changes.map(({ name }) => name.kind)).toEqual(['revision']);
        expect(await has(manifest.digest)).toBe(false);
        expect((await ports.blobs.find(a, blobOf('config').digest))?.reviewAfter).toBe(LATER + DAY);
      });

      it('keep children of kept indexes, nested ones too, and referrers of kept subjects', async () => {
        const child = await pushImage(ports, 'a', 'child');
        const inner = index([child.digest], 'inner');
        const outer = index([inner.digest], 'outer');
        await put(ports, 'a', inner);
        await put(ports, 'a', outer, { tags: ['v1'] });
        const referrer = await pushImage(ports, 'a', 'referrer', { subject: child.digest });
        const ofReferrer = await pushImage(ports, 'a', 'signature', { subject: referrer.digest });
        for (const { digest } of [child, inner, referrer, ofReferrer]) {
          expect(await reviewManifest(digest)).toEqual({ kind: 'kept' });
        }
        expect(await ports.reviews.dueManifests(page(LATER))).toEqual([]);
        await ports.manifests.delete(a, outer.digest, LATER);
        // Each follows by its own review: the grace of children begins when their index goes.
        const later = LATER + DAY;
        expect(await reviewManifest(inner.digest, later)).toMatchObject({ kind: 'removed' });
        expect(await reviewManifest(child.digest, later + DAY)).toMatchObject({ kind: 'removed' });
        expect(await reviewManifest(referrer.digest, later + DAY)).toMatchObject({ kind: 'removed' });
        expect(await reviewManifest(ofReferrer.digest, later + DAY)).toMatchObject({ kind: 'removed' });
      });

      it('are not kept for having referrers, nor by a subject that is not there', async () => {
        const subject = await pushImage(ports, 'a', 'subject');
        const referrer = await pushImage(ports, 'a', 'referrer', { subject: subject.digest, tags: ['sbom'] });
        const lone = await pushImage(ports, 'a', 'lone', { subject: blobOf('nowhere').digest });
        expect(await reviewManifest(subject.digest)).toMatchObject({ kind: 'removed' });
        expect(await reviewManifest(lone.digest)).toMatchObject({ kind: 'removed' });
        expect(await has(referrer.digest)).toBe(true);
      });

      it('do not go round in an index that lists its own subject, and remove the index first', async () => {
        const subject = await pushImage(ports, 'a', 'subject');
        const listing = index([subject.digest]);
        const body = { ...(JSON.parse(listing.bytes.toString()) as object) };
        const round = index([subject.digest], JSON.stringify(body));
        await put(ports, 'a', round);
        const review = await reviewManifest(subject.digest);
        if (review.kind !== 'removed') throw new Error(review.kind);
        expect(review.manifests.map(({ digest }) => String(digest))).toEqual([
          String(round.digest),
          String(subject.digest),
        ]);
      });

      it('keep what is young above them', async () => {
        const child = await pushImage(ports, 'a', 'child');
        await put(ports, 'a', index([child.digest]), { now: NOW + HOUR });
        expect(await reviewManifest(child.digest, NOW + DAY)).toEqual({ kind: 'kept' });
      });

      it('see the child of an index that came before it', async () => {
        const child = image('child');
        const parent = index([child.digest]);
        await put(ports, 'a', parent, { tags: ['v1'], sparse: true });
        await pushImage(ports, 'a', 'child');
        expect(await reviewManifest(child.digest)).toEqual({ kind: 'kept' });
        expect(await ports.manifests.delete(a, child.digest, LATER)).toMatchObject({ kind: 'listed' });
      });

      it('find nothing due that has a tag or was tagged since', async () => {
        const manifest = await pushImage(ports, 'a', 'config');
        const [due] = await ports.reviews.dueManifests(page(LATER));
        if (due === undefined) throw new Error('not due');
        await put(ports, 'a', manifest, { tags: ['v1'], now: LATER });
        expect(await ports.reviews.reviewManifest(due, { now: LATER, dueUntil: LATER })).toEqual({
          kind: 'not-due',
        });
        expect(await has('v1')).toBe(true);
        await ports.tags.delete(a, tag('v1'), LATER);
        expect(await ports.reviews.dueManifests(page(LATER))).toEqual([]);
      });
    });
  });
}
