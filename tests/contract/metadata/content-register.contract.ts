import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Digest } from '../../../src/domain/content/digest.js';
import { beginPush, blobOf, HOUR, NOW, pushBlob, pushImage, repository } from './metadata-actions.js';
import type { MetadataUnderTest, OpenMetadata } from './metadata-under-test.js';

export function contentRegisterContract(adapter: string, open: OpenMetadata): void {
  describe(`ContentRegister on ${adapter}`, () => {
    let ports: MetadataUnderTest;
    beforeEach(async () => {
      ports = await open();
    });
    afterEach(() => ports.dispose());

    const digest = (content: string): Digest => blobOf(content).digest;
    const unknown = async (...contents: readonly string[]): Promise<readonly string[]> =>
      (await ports.contents.unknown(contents.map(digest))).map(String);
    const texts = (...contents: readonly string[]): readonly string[] =>
      contents.map((content) => String(digest(content)));

    it('knows content in whatever state: reserved, present, lost, and of a manifest', async () => {
      await ports.blobs.reserve(await beginPush(ports, 'a', 'reserved'));
      await pushBlob(ports, 'a', 'linked');
      await pushBlob(ports, 'a', 'unlinked');
      await ports.blobs.unlink(repository('a'), digest('unlinked'), NOW);
      const manifest = await pushImage(ports, 'a', 'config');
      expect(await unknown('two', 'reserved', 'linked', 'unlinked', 'one')).toEqual(texts('two', 'one'));
      expect(await ports.contents.unknown([manifest.digest])).toEqual([]);
      expect(await unknown()).toEqual([]);
    });

    it('loses nothing whose bytes wait: neither is it looked for, nor does a look from before count', async () => {
      const { digest: small } = blobOf('small');
      await ports.blobs.store(await beginPush(ports, 'a', 'small'), Buffer.from('small'));
      const folder = { algorithm: 'sha256', prefix: small.hex.slice(0, 2) };
      const contentId = (await ports.journal.waiting(small))?.contentId ?? 0;
      expect(await ports.contents.present(folder, undefined, 10)).toEqual([]);
      await ports.contents.lose([contentId]);
      expect(await ports.blobs.find(repository('a'), small)).toBeDefined();
      await ports.journal.forget([{ id: 1, placed: contentId }]);
      expect(await ports.contents.present(folder, undefined, 10)).toHaveLength(1);
      await ports.contents.lose([contentId]);
      expect(await ports.blobs.find(repository('a'), small)).toBeUndefined();
    });

    it('tells algorithms apart', async () => {
      const { digest: short } = blobOf('one');
      await ports.contents.registerOrphans([{ digest: short, size: 3 }], NOW);
      expect(await unknown('one')).toEqual([]);
    });

    it('registers what no row knows, and says which that was', async () => {
      await pushBlob(ports, 'a', 'linked');
      const orphans = ['one', 'linked', 'two'].map((content) => blobOf(content));
      const registered = await ports.contents.registerOrphans(orphans, NOW);
      expect(registered.map((orphan) => String(orphan.digest))).toEqual(texts('one', 'two'));
      expect(await ports.contents.registerOrphans(orphans, NOW)).toEqual([]);
      expect(await unknown('one', 'two')).toEqual([]);
    });

    it('does not touch a row that is there', async () => {
      await pushBlob(ports, 'a', 'linked');
      const before = await ports.blobs.find(repository('a'), digest('linked'));
      await ports.contents.registerOrphans([{ digest: digest('linked'), size: 99 }], NOW);
      expect(await ports.blobs.find(repository('a'), digest('linked'))).toEqual(before);
    });

    it('lets nobody adopt bytes that were registered: a push places its own', async () => {
      await ports.contents.registerOrphans([blobOf('one')], NOW);
      const mount = {
        mayUse: () => true,
        digest: digest('one'),
        source: 'anywhere',
        target: repository('b'),
        now: NOW + HOUR,
      } as const;
      expect(await ports.blobs.mount(mount)).toBeUndefined();
      const push = await beginPush(ports, 'a', 'one', NOW + HOUR);
      expect(await ports.blobs.reserve(push)).toMatchObject({ kind: 'reserved' });
    });
  });
}
