import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Digest } from '../../../src/domain/content/digest.js';
import { MEDIA_TYPES } from '../../../src/domain/content/media-type.js';
import { parseManifest } from '../../../src/domain/manifest/parse-manifest.js';
import {
  blobOf,
  DAY,
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

export function manifestIndexContract(adapter: string, open: OpenMetadata): void {
  describe(`ManifestIndex on ${adapter}`, () => {
    let ports: MetadataUnderTest;
    const name = repository('a');
    beforeEach(async () => {
      ports = await open();
    });
    afterEach(() => ports.dispose());

    it('gives a manifest by its tag and by its digest, byte for byte', async () => {
      const manifest = await pushImage(ports, 'a', 'config', { layers: ['l1', 'l2'], tags: ['v1'] });
      for (const reference of [tag('v1'), manifest.digest]) {
        const stored = await ports.manifests.load(name, reference);
        expect(stored?.bytes.equals(manifest.bytes)).toBe(true);
        for (const entry of [stored, await ports.manifests.find(name, reference)]) {
          expect(entry?.digest.toString()).toBe(manifest.digest.toString());
          expect(entry?.mediaType).toBe(MEDIA_TYPES.ociManifest);
          expect(entry?.size).toBe(manifest.bytes.length);
        }
      }
    });

    it('says the same of a manifest before and after its bytes were asked for', async () => {
      const manifest = await pushImage(ports, 'a', 'config');
      const before = await ports.manifests.find(name, manifest.digest);
      await ports.manifests.load(name, manifest.digest);
      const after = await ports.manifests.find(name, manifest.digest);
      expect(after).toMatchObject({ mediaType: before?.mediaType, size: before?.size });
      expect(after?.digest.toString()).toBe(before?.digest.toString());
    });

    it('gives the same object for the same manifest, by whatever name', async () => {
      const manifest = await pushImage(ports, 'a', 'config', { tags: ['v1'] });
      await pushImage(ports, 'b', 'config');
      const stored = await ports.manifests.load(name, tag('v1'));
      expect(await ports.manifests.load(name, manifest.digest)).toBe(stored);
      expect(await ports.manifests.load(repository('b'), manifest.digest)).toBe(stored);
    });

    it('knows no manifest of another repository, no other tag and no blob', async () => {
      const manifest = await pushImage(ports, 'a', 'config', { tags: ['v1'] });
      await pushBlob(ports, 'b', 'y');
      for (const [repositoryName, reference] of [
        ['b', manifest.digest],
        ['b', tag('v1')],
        ['c', tag('v1')],
        ['a', tag('V1')],
        ['a', blobOf('config').digest],
      ] as const) {
        expect(await ports.manifests.find(repository(repositoryName), reference)).toBeUndefined();
        expect(await ports.manifests.load(repository(repositoryName), reference)).toBeUndefined();
      }
    });

    it('stores one under sha512 as well', async () => {
      await pushBlob(ports, 'a', 'config');
      const { bytes } = image('config');
      const digest = Digest.of('sha512', bytes);
      await put(ports, 'a', parseManifest(bytes, MEDIA_TYPES.ociManifest, digest), { tags: ['v1'] });
      expect((await ports.manifests.load(name, tag('v1')))?.digest.toString()).toBe(digest.toString());
      expect(await ports.manifests.find(name, Digest.of('sha256', bytes))).toBeUndefined();
    });

    it('names all that is missing and writes nothing', async () => {
      await pushBlob(ports, 'a', 'config');
      const manifest = image('config', { layers: ['l1', 'l2'] });
      expect(await put(ports, 'a', manifest, { tags: ['v1'] })).toEqual({
        kind: 'missing',
        digests: [blobOf('l1').digest.toString(), blobOf('l2').digest.toString()],
      });
      expect(await ports.manifests.find(name, manifest.digest)).toBeUndefined();
      expect(await ports.tags.page(name, { after: undefined, limit: 10 })).toEqual([]);
    });

    it('misses a blob that only another repository has, and a layer that is only a manifest here', async () => {
      await pushBlob(ports, 'b', 'config');
      expect((await put(ports, 'a', image('config'))).kind).toBe('missing');
      const child = await pushImage(ports, 'a', 'child');
      const body = { schemaVersion: 2, config: descriptor(child.digest), layers: [] };
      const manifest = parseManifest(Buffer.from(JSON.stringify(body)), MEDIA_TYPES.ociManifest);
      expect((await put(ports, 'a', manifest)).kind).toBe('missing');
    });

    it('misses what is of an algorithm that nothing here can have', async () => {
      const body = {
        schemaVersion: 2,
        config: { mediaType: 'application/json', digest: 'blake3:00ff', size: 1 },
        layers: [],
      };
      const manifest = parseManifest(Buffer.from(JSON.stringify(body)), MEDIA_TYPES.ociManifest);
      expect(await put(ports, 'a', manifest)).toEqual({ kind: 'missing', digests: ['blake3:00ff'] });
      expect(await put(ports, 'a', manifest, { sparse: true })).toMatchObject({ kind: 'stored' });
    });

    it('accepts a sparse manifest, holds what is there and not what is missing', async () => {
      await pushBlob(ports, 'a', 'config');
      const manifest = image('config', { layers: ['absent'] });
      expect(await put(ports, 'a', manifest, { sparse: true })).toMatchObject({ kind: 'stored' });
      expect(await ports.manifests.find(name, manifest.digest)).toBeDefined();
      expect((await ports.blobs.unlink(name, blobOf('config').digest, NOW)).kind).toBe('referenced');
      await pushBlob(ports, 'a', 'absent');
      expect((await ports.blobs.unlink(name, blobOf('absent').digest, NOW)).kind).toBe('unlinked');
    });

    it('holds what was missing when a sparse manifest is pushed again', async () => {
      await pushBlob(ports, 'a', 'config');
      const manifest = image('config', { layers: ['late'] });
      await put(ports, 'a', manifest, { sparse: true });
      await pushBlob(ports, 'a', 'late');
      await put(ports, 'a', manifest);
      expect((await ports.blobs.unlink(name, blobOf('late').digest, NOW)).kind).toBe('referenced');
    });

    it('takes an index over manifests, nested ones and blobs', async () => {
      const child = await pushImage(ports, 'a', 'child');
      const inner = index([child.digest]);
      expect(await put(ports, 'a', inner)).toMatchObject({ kind: 'stored' });
      const cache = await pushBlob(ports, 'a', 'cache');
      expect(await put(ports, 'a', index([inner.digest, cache]))).toMatchObject({ kind: 'stored' });
      expect((await ports.blobs.unlink(name, cache, NOW)).kind).toBe('referenced');
    });

    it('misses the child of an index that only another repository has', async () => {
      const child = await pushImage(ports, 'b', 'child');
      expect(await put(ports, 'a', index([child.digest]))).toEqual({
        kind: 'missing',
        digests: [child.digest.toString()],
      });
    });

    it('moves tags, several at once, and leaves the former manifest readable by digest', async () => {
      const first = await pushImage(ports, 'a', 'one', { tags: ['v1', 'latest'] });
      const second = await pushImage(ports, 'a', 'two', { tags: ['v2', 'latest'] });
      const named = async (text: string) => (await ports.manifests.find(name, tag(text)))?.digest.toString();
      expect(await named('v1')).toBe(first.digest.toString());
      expect(await named('v2')).toBe(second.digest.toString());
      expect(await named('latest')).toBe(second.digest.toString());
      expect(await ports.manifests.find(name, first.digest)).toBeDefined();
    });

    it('may be pushed again, with and without tags', async () => {
      const manifest = await pushImage(ports, 'a', 'config', { layers: ['l'], tags: ['v1'] });
      expect(await put(ports, 'a', manifest)).toMatchObject({ kind: 'stored' });
      expect(await put(ports, 'a', manifest, { tags: ['v1', 'v2'] })).toMatchObject({ kind: 'stored' });
      expect(await ports.tags.page(name, { after: undefined, limit: 10 })).toEqual(['v1', 'v2']);
    });

    it('takes the media type of the latest push, where the body has none', async () => {
      await pushBlob(ports, 'a', 'config');
      const bytes = Buffer.from(
        JSON.stringify({ schemaVersion: 2, config: descriptor(blobOf('config').digest), layers: [] }),
      );
      for (const mediaType of [MEDIA_TYPES.ociManifest, MEDIA_TYPES.dockerManifest]) {
        const manifest = parseManifest(bytes, mediaType);
        await put(ports, 'a', manifest);
        expect((await ports.manifests.load(name, manifest.digest))?.mediaType).toBe(mediaType);
        expect((await ports.manifests.find(name, manifest.digest))?.mediaType).toBe(mediaType);
      }
    });

    it('deletes a manifest with its tags, in its repository alone', async () => {
      const manifest = await pushImage(ports, 'a', 'config', { tags: ['v1', 'v2'] });
      const other = await pushImage(ports, 'a', 'other', { tags: ['v3'] });
      await pushImage(ports, 'b', 'config', { tags: ['v1'] });
      expect(await ports.manifests.delete(name, manifest.digest, NOW)).toMatchObject({ kind: 'deleted' });
      for (const reference of [manifest.digest, tag('v1'), tag('v2')]) {
        expect(await ports.manifests.load(name, reference)).toBeUndefined();
      }
      expect(await ports.manifests.find(name, other.digest)).toBeDefined();
      expect(await ports.manifests.find(repository('b'), tag('v1'))).toBeDefined();
      expect(await ports.manifests.delete(name, manifest.digest, NOW)).toEqual({ kind: 'unknown' });
    });

    it('does not know a blob as a manifest to delete', async () => {
      await pushImage(ports, 'a', 'config');
      expect(await ports.manifests.delete(name, blobOf('config').digest, NOW)).toEqual({ kind: 'unknown' });
      expect(await ports.manifests.delete(name, blobOf('none').digest, NOW)).toEqual({ kind: 'unknown' });
    });

    it('refuses to delete what an index lists and names the index; after the index it goes', async () => {
      const child = await pushImage(ports, 'a', 'child', { tags: ['v1'] });
      const parent = index([child.digest]);
      await put(ports, 'a', parent);
      const outcome = await ports.manifests.delete(name, child.digest, NOW);
      expect(outcome.kind === 'listed' && outcome.indexes.map(String)).toEqual([parent.digest.toString()]);
      expect(await ports.manifests.find(name, tag('v1'))).toBeDefined();
      expect((await ports.manifests.delete(name, parent.digest, NOW)).kind).toBe('deleted');
      expect((await ports.manifests.delete(name, child.digest, NOW)).kind).toBe('deleted');
    });

    it('gives the links of a deleted manifest a whole grace, never a shorter time than they had', async () => {
      const manifest = await pushImage(ports, 'a', 'config');
      const reviewAfter = async () => (await ports.blobs.find(name, blobOf('config').digest))?.reviewAfter;
      await ports.manifests.delete(name, manifest.digest, NOW);
      expect(await reviewAfter()).toBe(NOW + 1.5 * DAY);
      await put(ports, 'a', manifest);
      await ports.manifests.delete(name, manifest.digest, NOW + DAY);
      expect(await reviewAfter()).toBe(NOW + 2 * DAY);
    });

    it('may be pushed again after it was deleted', async () => {
      const manifest = await pushImage(ports, 'a', 'config', { tags: ['v1'] });
      await ports.manifests.delete(name, manifest.digest, NOW);
      expect(await put(ports, 'a', manifest, { tags: ['v1'] })).toMatchObject({ kind: 'stored' });
      expect((await ports.manifests.load(name, tag('v1')))?.bytes.equals(manifest.bytes)).toBe(true);
    });
  });
}

function descriptor(digest: Digest): object {
  return { mediaType: 'application/json', digest: digest.toString(), size: 1 };
}
