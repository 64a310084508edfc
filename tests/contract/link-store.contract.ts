import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StorageFault } from '../../src/application/ports/storage/storage-fault.js';
import { Digest } from '../../src/domain/content/digest.js';
import { MEDIA_TYPES } from '../../src/domain/content/media-type.js';
import type { LinkedName } from '../../src/domain/repository/linked-name.js';
import { RepositoryName } from '../../src/domain/repository/repository-name.js';
import { TagName } from '../../src/domain/tag/tag-name.js';
import { LayoutLinkStore } from '../../src/infrastructure/storage/layout/layout-link-store.js';
import { traitsOf, type DriverUnderTest } from './storage-driver.contract.js';

const ROOT = 'docker/registry/v2';

/** The link files of the reference registry, byte for byte, on any driver. */
export function linkStoreContract(adapter: string, make: () => Promise<DriverUnderTest>): void {
  describe(`link store on ${adapter}`, () => {
    const repository = RepositoryName.parse('team/app');
    const bytes = Buffer.from('{"schemaVersion":2,"config":{}}');
    const digest = Digest.of('sha256', bytes);
    const other = Digest.of('sha512', bytes);
    const layer: LinkedName = { kind: 'layer', repository, digest };
    const revision: LinkedName = { kind: 'revision', repository, digest };
    const tag: LinkedName = { kind: 'tag', repository, tag: TagName.parse('v1') };
    const folder = `${ROOT}/repositories/team/app`;
    let under: DriverUnderTest;
    let links: LayoutLinkStore;

    beforeEach(async () => {
      under = await make();
      links = new LayoutLinkStore(under.driver);
    });
    afterEach(() => under.dispose());

    async function text(path: string): Promise<string | undefined> {
      const content = await under.driver.readContent(path, 1024);
      return content && Buffer.from(content).toString();
    }

    it.each([
      ['broken', 'damaged'],
      ['denied', 'damaged'],
      ['unavailable', 'rejected'],
      ['too-many-open-files', 'rejected'],
    ] as const)('takes for damaged only what says something of the link: %s', async (kind, expected) => {
      const failing = new LayoutLinkStore(
        new Proxy(under.driver, {
          get: () => () => Promise.reject(new StorageFault(kind, 'cannot read')),
        }),
      );
      expect(await failing.read(layer).catch(() => 'rejected')).toBe(expected);
    });

    it('writes the link of a layer', async () => {
      await links.write([{ name: layer, value: { target: digest } }]);
      expect(await text(`${folder}/_layers/sha256/${digest.hex}/link`)).toBe(digest.toString());
      expect(String(await links.read(layer))).toBe(digest.toString());
    });

    it('writes the bytes of a blob with the link of its layer, and keeps them when that is gone', async () => {
      const path = `${ROOT}/blobs/sha256/${digest.hex.slice(0, 2)}/${digest.hex}/data`;
      await links.write([{ name: layer, value: undefined, bytes }]);
      expect([await text(path), await links.read(layer)]).toEqual([bytes.toString(), undefined]);
      await under.driver.remove(path);
      await links.write([{ name: layer, value: { target: digest }, bytes }]);
      expect([await text(path), String(await links.read(layer))]).toEqual([
        bytes.toString(),
        digest.toString(),
      ]);
      await links.flush([{ name: layer, value: { target: digest }, bytes: new Uint8Array() }]);
    });

    it('writes a manifest among the blobs and its link', async () => {
      const manifest = { bytes, mediaType: MEDIA_TYPES.ociManifest };
      await links.write([{ name: revision, value: { target: digest, manifest } }]);
      const { hex } = digest;
      expect(await text(`${ROOT}/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`)).toBe(bytes.toString());
      const revisions = `${folder}/_manifests/revisions/sha256/${hex}`;
      expect(await text(`${revisions}/link`)).toBe(digest.toString());
      expect(await text(`${revisions}/stowage.json`)).toBeUndefined();
    });

    it('writes down a media type that the bytes do not tell', async () => {
      const manifest = { bytes, mediaType: MEDIA_TYPES.dockerManifest };
      await links.write([{ name: revision, value: { target: digest, manifest } }]);
      const path = `${folder}/_manifests/revisions/sha256/${digest.hex}/stowage.json`;
      expect(JSON.parse((await text(path)) ?? '')).toEqual({ mediaType: MEDIA_TYPES.dockerManifest });
    });

    it('points a tag, and remembers what it pointed at', async () => {
      await links.write([{ name: tag, value: { target: digest } }]);
      await links.write([{ name: tag, value: { target: other } }]);
      const tags = `${folder}/_manifests/tags/v1`;
      expect(await text(`${tags}/current/link`)).toBe(other.toString());
      expect(await text(`${tags}/index/sha256/${digest.hex}/link`)).toBe(digest.toString());
      expect(await text(`${tags}/index/sha512/${other.hex}/link`)).toBe(other.toString());
      expect(String(await links.read(tag))).toBe(other.toString());
    });

    it('removes a link with its folder, and all of a tag', async () => {
      const manifest = { bytes, mediaType: MEDIA_TYPES.dockerManifest };
      await links.write([{ name: layer, value: { target: digest } }]);
      await links.write([{ name: revision, value: { target: digest, manifest } }]);
      await links.write([{ name: tag, value: { target: digest } }]);
      for (const name of [tag, revision, layer]) await links.write([{ name, value: undefined }]);
      expect(await links.read(tag)).toBeUndefined();
      expect(await links.read(layer)).toBeUndefined();
      expect(await under.driver.list(`${folder}/_manifests/tags`)).toEqual([]);
      expect(await under.driver.list(`${folder}/_manifests/revisions/sha256`)).toEqual([]);
      expect(await under.driver.list(`${folder}/_layers/sha256`)).toEqual([]);
      // Of the bytes only collection knows whether anybody else needs them.
      const { hex } = digest;
      expect(await text(`${ROOT}/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`)).toBe(bytes.toString());
    });

    it('removes what is not there', async () => {
      for (const name of [tag, revision, layer]) await links.write([{ name, value: undefined }]);
      expect(await links.read(revision)).toBeUndefined();
    });

    it.each(['', 'sha256:00', 'sha1:0000', 'text\n'])(
      'calls a link that holds %j damaged',
      async (content) => {
        await under.driver.putContent(`${folder}/_layers/sha256/${digest.hex}/link`, Buffer.from(content));
        expect(await links.read(layer)).toBe('damaged');
      },
    );

    it('calls a link damaged where a folder lies in its place; an implied one takes no place', async () => {
      await under.driver.putContent(`${folder}/_layers/sha256/${digest.hex}/link/inside`, Buffer.from('x'));
      const implied = traitsOf(under).folders === 'implied';
      expect(await links.read(layer)).toBe(implied ? undefined : 'damaged');
    });

    it('flushes what it wrote and what it removed', async () => {
      const manifest = { bytes, mediaType: MEDIA_TYPES.ociManifest };
      const written = [
        { name: layer, value: { target: digest } },
        { name: revision, value: { target: digest, manifest } },
        { name: tag, value: { target: digest } },
        { name: { kind: 'tag', repository, tag: TagName.parse('gone') }, value: undefined },
      ] as const;
      await links.write(written);
      await links.flush(written);
      expect(String(await links.read(tag))).toBe(digest.toString());
    });
  });
}
