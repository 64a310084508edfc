import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blobOf, DAY, NOW, pushBlob, pushImage, put, repository, tag } from './metadata-actions.js';
import type { MetadataUnderTest, OpenMetadata } from './metadata-under-test.js';

/** In byte order, which is neither that of a locale nor that of path components. */
const NAMES = ['a', 'a-b', 'a.b', 'a/b', 'a/b/c', 'a0', 'a_b', 'aa', 'b'];
const TAGS = ['0', '1', '10', '2', 'A', 'Z', '_x', 'a', 'a-b', 'a.b', 'a_b', 'ab', 'z'].toSorted();

export function listsContract(adapter: string, open: OpenMetadata): void {
  describe(`TagIndex and RepositoryCatalog on ${adapter}`, () => {
    let ports: MetadataUnderTest;
    const name = repository('a');
    beforeEach(async () => {
      ports = await open();
    });
    afterEach(() => ports.dispose());

    const tagPage = (after: string | undefined, limit: number) => ports.tags.page(name, { after, limit });

    const catalogPage = (after: string | undefined, limit: number) => ports.catalog.page({ after, limit });

    it('lists tags in byte order, in pages behind any text', async () => {
      await pushImage(ports, 'a', 'config', { tags: TAGS.toReversed() });
      await pushImage(ports, 'b', 'config', { tags: ['zz'] });
      expect(await tagPage(undefined, 100)).toEqual(TAGS);
      expect(await tagPage(undefined, 3)).toEqual(TAGS.slice(0, 3));
      expect(await tagPage(TAGS[2], 3)).toEqual(TAGS.slice(3, 6));
      expect(await tagPage('ab~', 100)).toEqual(['z']);
      expect(await tagPage('é', 100)).toEqual([]);
      expect(await tagPage('z', 100)).toEqual([]);
    });

    it('lists no tags of a repository that is not there', async () => {
      expect(await tagPage(undefined, 10)).toEqual([]);
      expect(await ports.tags.repositoryExists(name)).toBe(false);
    });

    it('deletes a tag and leaves its manifest and the other tags', async () => {
      const manifest = await pushImage(ports, 'a', 'config', { tags: ['v1', 'v2'] });
      expect(await ports.tags.delete(name, tag('v1'), NOW)).toHaveLength(1);
      expect(await tagPage(undefined, 10)).toEqual(['v2']);
      expect(await ports.manifests.find(name, manifest.digest)).toBeDefined();
      expect(await ports.tags.delete(name, tag('v1'), NOW)).toBeUndefined();
      expect(await ports.tags.delete(repository('b'), tag('v2'), NOW)).toBeUndefined();
    });

    it('lists repositories in byte order, in pages behind any text', async () => {
      for (const text of NAMES.toReversed()) await pushBlob(ports, text, 'x');
      expect(await catalogPage(undefined, 100)).toEqual(NAMES);
      expect(await catalogPage(undefined, 4)).toEqual(NAMES.slice(0, 4));
      expect(await catalogPage(NAMES[3], 2)).toEqual(NAMES.slice(4, 6));
      expect(await catalogPage('a/', 2)).toEqual(['a/b', 'a/b/c']);
      expect(await catalogPage('b', 100)).toEqual([]);
    });

    it('shows a repository from its first blob or manifest to its last', async () => {
      const exists = async () => {
        const listed = (await ports.catalog.page({ after: undefined, limit: 10 })).includes('a');
        expect(await ports.tags.repositoryExists(name)).toBe(listed);
        return listed;
      };
      expect(await exists()).toBe(false);
      const manifest = await pushImage(ports, 'a', 'config', { tags: ['v1'] });
      expect(await exists()).toBe(true);
      await ports.manifests.delete(name, manifest.digest, NOW);
      expect(await exists()).toBe(true);
      await ports.blobs.unlink(name, blobOf('config').digest, NOW + DAY);
      expect(await exists()).toBe(false);
      await put(ports, 'a', manifest, { sparse: true });
      expect(await exists()).toBe(true);
      await ports.manifests.delete(name, manifest.digest, NOW);
      expect(await exists()).toBe(false);
    });

    it('shows a repository that has only a mounted blob', async () => {
      const digest = await pushBlob(ports, 'a', 'x');
      await ports.blobs.mount({
        digest,
        source: name,
        mayUse: () => true,
        target: repository('b'),
        now: NOW,
      });
      expect(await ports.catalog.page({ after: undefined, limit: 10 })).toEqual(['a', 'b']);
    });
  });
}
