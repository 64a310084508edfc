import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DueName } from '../../../src/application/ports/metadata/reviews.js';
import { ON_REQUEST } from '../../../src/domain/lifecycle/grace.js';
import type { Manifest } from '../../../src/domain/manifest/manifest.js';
import { DAY, HOUR, image, NOW, pushImage, put, repository, tag } from './metadata-actions.js';
import { REFERRERS_AT_ONCE, type MetadataUnderTest, type OpenMetadata } from './metadata-under-test.js';

/** Everything that has a grace is over then. */
const LATER = NOW + 3 * DAY;
const MANY = 3 * REFERRERS_AT_ONCE + 1;

export function departedSubjectsContract(adapter: string, open: OpenMetadata): void {
  describe(`Reviews on ${adapter}, of subjects that go`, () => {
    let ports: MetadataUnderTest;
    let subject: Manifest;
    const a = repository('a');
    beforeEach(async () => {
      ports = await open();
      subject = await pushImage(ports, 'a', 'config', { tags: ['v1'] });
    });
    afterEach(() => ports.dispose());

    const due = (dueUntil = LATER): Promise<readonly DueName[]> =>
      ports.reviews.dueManifests({ dueUntil, after: undefined, limit: 100 });
    const review = async (): Promise<readonly string[]> => {
      const kinds: string[] = [];
      for (const each of await due()) {
        kinds.push((await ports.reviews.reviewManifest(each, { now: LATER, dueUntil: LATER })).kind);
      }
      return kinds;
    };
    const scheduleAll = async (): Promise<number> => {
      let steps = 0;
      while (await ports.reviews.scheduleReferrers()) steps += 1;
      return steps;
    };
    const referrers = (): Manifest[] =>
      Array.from({ length: MANY }, (_, at) => image('config', { subject: subject.digest, note: `${at}` }));
    /** Referrers that their subject keeps, as a review has found. */
    const keep = async (): Promise<readonly Manifest[]> => {
      const kept = referrers();
      for (const each of kept) await put(ports, 'a', each);
      expect(await review()).toEqual(kept.map(() => 'kept'));
      return kept;
    };
    const deleteSubject = (now = LATER) => ports.manifests.delete(a, subject.digest, now);
    const adopt = (manifests: readonly Manifest[], now: number) => {
      const found = manifests.map((content) => {
        const { digest, mediaType, bytes } = content;
        return { digest, mediaType, bytes, content };
      });
      const nothing = { blobs: [], tags: [], unreadable: [] };
      return ports.adoption.add({ repository: a, manifests: found, movedTags: 'keep', ...nothing }, now);
    };

    it('makes due some referrers with the deletion, and all of them since then, batch by batch', async () => {
      await keep();
      await deleteSubject(LATER);
      expect(await due()).toHaveLength(REFERRERS_AT_ONCE);
      const seen: number[] = [];
      while (await ports.reviews.scheduleReferrers()) seen.push((await due()).length);
      expect(seen).toEqual([2 * REFERRERS_AT_ONCE, 3 * REFERRERS_AT_ONCE, MANY]);
      expect((await due()).map(({ cursor: [reviewAfter] }) => reviewAfter)).toEqual(
        Array.from({ length: MANY }, () => LATER),
      );
      expect(await review()).toEqual(Array.from({ length: MANY }, () => 'removed'));
      expect(await ports.reviews.scheduleReferrers()).toBe(false);
    });

    it('has nothing left where one batch was enough', async () => {
      await put(ports, 'a', image('config', { subject: subject.digest }));
      await deleteSubject();
      expect(await ports.reviews.scheduleReferrers()).toBe(false);
    });

    it('goes on behind what was looked at, though that was kept meanwhile', async () => {
      const kept = await keep();
      for (const each of kept) await put(ports, 'a', each, { tags: [each.digest.hex.slice(0, 8)] });
      await deleteSubject();
      const kinds: string[] = [];
      do kinds.push(...(await review()));
      while ((await ports.reviews.scheduleReferrers()) && kinds.length < 2 * MANY);
      expect(kinds).toEqual(kept.map(() => 'kept'));
    });

    it('leaves the grace that a referrer has to it', async () => {
      for (const each of referrers()) await put(ports, 'a', each, { now: LATER });
      await deleteSubject();
      await scheduleAll();
      expect(await due(LATER + DAY - 1)).toEqual([]);
      expect(await due(LATER + DAY)).toHaveLength(MANY);
    });

    it('does nothing more once the subject is back, and begins anew when it goes again', async () => {
      const kept = await keep();
      await deleteSubject();
      await put(ports, 'a', subject, { tags: ['v1'], now: LATER });
      expect(await scheduleAll()).toBe(1);
      expect(await review()).toEqual(Array.from({ length: REFERRERS_AT_ONCE }, () => 'kept'));
      await deleteSubject(LATER);
      await scheduleAll();
      expect(await review()).toEqual(kept.map(() => 'removed'));
    });

    it('begins anew when the subject came back and went again unnoticed', async () => {
      const kept = await keep();
      await deleteSubject();
      await ports.reviews.scheduleReferrers();
      await put(ports, 'a', subject, { tags: ['v1'], now: LATER });
      expect(await review()).toEqual(Array.from({ length: 2 * REFERRERS_AT_ONCE }, () => 'kept'));
      await deleteSubject(LATER);
      await scheduleAll();
      expect(await review()).toEqual(kept.map(() => 'removed'));
    });

    it('goes on with one subject after the other, in each repository by itself', async () => {
      await keep();
      await pushImage(ports, 'b', 'config', { tags: ['v1'] });
      for (const each of referrers()) await put(ports, 'b', each);
      expect(await review()).toEqual(Array.from({ length: MANY }, () => 'kept'));
      await deleteSubject();
      await scheduleAll();
      expect((await due()).map((each) => String(each.repository))).toEqual(
        Array.from({ length: MANY }, () => 'a'),
      );
      await ports.manifests.delete(repository('b'), subject.digest, LATER);
      await scheduleAll();
      expect(await due()).toHaveLength(2 * MANY);
    });

    it('takes along what a subject leaves that collection itself takes out', async () => {
      const kept = await keep();
      await ports.tags.delete(a, tag('v1'), NOW);
      expect(await review()).toEqual(['removed']);
      await scheduleAll();
      expect(await review()).toEqual(kept.map(() => 'removed'));
    });

    it('makes due what was adopted before the subject went, and leaves to a request what came after', async () => {
      const [first, ...rest] = referrers();
      if (first === undefined) throw new Error('there is none');
      await adopt(rest, NOW);
      await deleteSubject(NOW + HOUR);
      await adopt([first], NOW + 2 * HOUR);
      await scheduleAll();
      expect(await due(ON_REQUEST - 1)).toHaveLength(MANY - 1);
      expect((await due(ON_REQUEST)).at(-1)?.digest.equals(first.digest)).toBe(true);
    });

    it('explains when a referrer goes that was not looked at yet', async () => {
      const kept = await keep();
      const times = async (): Promise<ReadonlySet<number | undefined>> => {
        const found = await Promise.all(kept.map(({ digest }) => ports.holders.holder(a, digest)));
        return new Set(found.map((holder) => holder?.manifest?.reviewAfter));
      };
      expect(await times()).toEqual(new Set([undefined]));
      await deleteSubject(LATER + HOUR);
      expect(await times()).toEqual(new Set([LATER + HOUR]));
      await put(ports, 'a', subject, { tags: ['v1'], now: LATER + HOUR });
      expect(await times()).toEqual(new Set([undefined, LATER + HOUR]));
    });
  });
}
