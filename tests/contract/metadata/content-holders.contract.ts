import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyOfName } from '../../../src/domain/repository/linked-name.js';
import {
  beginPush,
  blobOf,
  DAY,
  image,
  index,
  NOW,
  pushBlob,
  pushImage,
  put,
  repository,
} from './metadata-actions.js';
import type { MetadataUnderTest, OpenMetadata } from './metadata-under-test.js';

/** Who holds a digest, and what stands above a manifest. */
export function contentHoldersContract(adapter: string, open: OpenMetadata): void {
  describe(`ContentHolders on ${adapter}`, () => {
    let ports: MetadataUnderTest;
    const name = repository('a');
    beforeEach(async () => {
      ports = await open();
    });
    afterEach(() => ports.dispose());

    it('knows each life of a content', async () => {
      const { digest } = blobOf('x');
      expect(await ports.holders.content(digest)).toBeUndefined();
      await ports.blobs.reserve(await beginPush(ports, 'a', 'x'));
      const common = { size: 1, verified: true, claimedUntil: undefined };
      expect(await ports.holders.content(digest)).toEqual({
        ...common,
        state: 'reserved',
        reviewAfter: NOW + DAY,
      });
      await pushBlob(ports, 'a', 'x');
      expect(await ports.holders.content(digest)).toMatchObject({ ...common, state: 'present' });
    });

    it('lists repositories that have it as a blob, as a manifest or as both, in pages', async () => {
      const manifest = image('config');
      const pushIts = (where: string) => pushBlob(ports, where, manifest.bytes.toString());
      await pushIts('blob');
      await pushImage(ports, 'manifest', 'config', { tags: ['v2', 'v1'] });
      await pushIts('both');
      await pushImage(ports, 'both', 'config');
      await pushBlob(ports, 'neither', 'x');
      const pages: string[][] = [];
      for (let after = 0, last = 1; last > 0; after = last) {
        const page = await ports.holders.holders(manifest.digest, after, 2);
        last = page.at(-1)?.row ?? 0;
        pages.push(
          page.map(({ repository: where, link, manifest: revision }) =>
            [where.toString(), link && 'link', revision && 'revision'].filter(Boolean).join(' '),
          ),
        );
      }
      expect(pages).toEqual([['blob link', 'manifest revision'], ['both link revision'], []]);
      const tagged = await ports.holders.holder(repository('manifest'), manifest.digest);
      expect(tagged?.manifest).toEqual({
        mediaType: manifest.mediaType,
        pushedAt: NOW,
        reviewAfter: undefined,
        incomplete: false,
        subject: undefined,
        tags: { items: ['v1', 'v2'], more: false },
      });
      expect(await ports.holders.holder(repository('neither'), manifest.digest)).toBeUndefined();
      expect(await ports.holders.holder(repository('nowhere'), manifest.digest)).toBeUndefined();
    });

    it('cuts lists off, and says so', async () => {
      const blob = await pushBlob(ports, 'a', 'base');
      const manifests = [0, 1, 2].map((at) => image('base', { note: `${at}` }));
      for (const manifest of manifests) await put(ports, 'a', manifest);
      const most = await ports.holders.referencing(name, blob, 2);
      expect([most?.items.length, most?.more]).toEqual([2, true]);
      const all = await ports.holders.referencing(name, blob, 3);
      const texts = all?.items.map(({ bytes }) => bytes.toString()).toSorted();
      expect(texts).toEqual(manifests.map(({ bytes }) => bytes.toString()).toSorted());
      expect(all?.more).toBe(false);
    });

    it('finds a manifest that came before the blob which it references', async () => {
      const sparse = image('late', { layers: ['never'] });
      await put(ports, 'a', sparse, { sparse: true });
      const blob = await pushBlob(ports, 'a', 'late');
      const other = await pushBlob(ports, 'a', 'other');
      const digests = async (of: typeof blob) =>
        (await ports.holders.referencing(name, of, 5))?.items.map(({ digest }) => digest);
      expect([await digests(blob), await digests(other)]).toEqual([[sparse.digest], []]);
      expect(await ports.holders.referencing(repository('nowhere'), blob, 5)).toEqual({
        items: [],
        more: false,
      });
    });

    it('tells what stands above a manifest', async () => {
      const child = await pushImage(ports, 'a', 'config');
      const parent = index([child.digest]);
      await put(ports, 'a', parent, { now: NOW + DAY });
      const standing = await ports.holders.standing(name, child.digest);
      expect(standing).toMatchObject({
        kind: 'untagged',
        latest: [
          { digest: parent.digest, heldBy: undefined, reviewAfter: NOW + 2 * DAY },
          { digest: child.digest, heldBy: 'index', reviewAfter: NOW + DAY },
        ],
        onRequest: 'no',
      });
      await put(ports, 'a', parent, { tags: ['v1'] });
      expect(await ports.holders.standing(name, child.digest)).toMatchObject({
        kind: 'tagged',
        chain: [{ digest: parent.digest, tags: { items: ['v1'] } }, { digest: child.digest }],
      });
      expect(await ports.holders.standing(repository('b'), child.digest)).toBeUndefined();
      expect(await ports.holders.standing(name, blobOf('config').digest)).toBeUndefined();
    });

    it('names what can not be read, by repository and by digest', async () => {
      const { digest } = blobOf('x');
      const about = `docker/registry/v2/repositories/a/_layers/sha256/${digest.hex}/link`;
      const unreadable = ['z', about, 'y'].map((path) => ({ path, repository: 'a', reason: 'is cut off' }));
      const findings = { repository: name, blobs: [], manifests: [], tags: [], movedTags: 'keep' } as const;
      await ports.adoption.add({ ...findings, unreadable }, NOW);
      const paths = ({ items }: { readonly items: readonly { readonly path: string }[] }) =>
        items.map(({ path }) => path);
      expect(paths(await ports.holders.unreadable(name, 5))).toEqual([about, 'y', 'z']);
      expect((await ports.holders.unreadable(name, 2)).more).toBe(true);
      expect(paths(await ports.holders.unreadable(repository('b'), 5))).toEqual([]);
      expect(paths(await ports.holders.unreadableAbout(digest, 5))).toEqual([about]);
      expect(paths(await ports.holders.unreadableAbout(blobOf('y').digest, 5))).toEqual([]);
    });

    it('names changes whose links are not written, by what they name now and before', async () => {
      const first = await pushImage(ports, 'a', 'one', { tags: ['v1'] });
      const second = await pushImage(ports, 'a', 'two', { tags: ['v1'] });
      const pending = async (of: typeof first) =>
        (await ports.holders.pending(of.digest, 5)).items.map(keyOfName);
      expect(await pending(first)).toEqual([`a revision ${first.digest.toString()}`, 'a tag v1']);
      expect(await pending(second)).toEqual([`a revision ${second.digest.toString()}`]);
      expect((await ports.holders.pending(first.digest, 1)).more).toBe(true);
    });
  });
}
