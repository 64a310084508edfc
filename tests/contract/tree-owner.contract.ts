import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LayoutTreeOwner } from '../../src/infrastructure/storage/layout/layout-tree-owner.js';
import type { DriverUnderTest } from './storage-driver.contract.js';

const FILE = 'stowage/owner.json';

/** What every TreeOwner does; run over each driver. */
export function treeOwnerContract(name: string, make: () => Promise<DriverUnderTest>): void {
  describe(`the owner of the tree on ${name}`, () => {
    let under: DriverUnderTest;
    let owner: LayoutTreeOwner;
    beforeEach(async () => {
      under = await make();
      owner = new LayoutTreeOwner(under.driver);
    });
    afterEach(() => under.dispose());

    it('is nobody in a new tree, and asking makes nothing', async () => {
      expect(await owner.read()).toBeUndefined();
      expect(await owner.flushedAt()).toBeUndefined();
      expect(await owner.isEmpty()).toBe(true);
      expect(await under.driver.list('stowage')).toEqual([]);
    });

    it('is who was written last', async () => {
      await owner.write({ database: 'aa', journal: 1 });
      await owner.write({ database: 'bb', journal: 9_007_199_254_740_991 });
      expect(await owner.read()).toEqual({ database: 'bb', journal: 9_007_199_254_740_991 });
    });

    it('is written as one readable line of JSON', async () => {
      await owner.write({ database: 'aa', journal: 1 });
      const content = await under.driver.readContent(FILE, 100);
      expect(Buffer.from(content ?? []).toString()).toBe('{"database":"aa","journal":1}\n');
    });

    it.each([
      '',
      'null',
      '[]',
      '{',
      '{"database":"aa"}',
      '{"database":1,"journal":1}',
      '{"database":"aa","journal":0.5}',
    ])('is damaged when the file holds %j', async (text) => {
      await under.driver.putContent(FILE, Buffer.from(text));
      expect(await owner.read()).toBe('damaged');
    });

    it('knows what a later version adds, or leaves it out', async () => {
      await under.driver.putContent(FILE, Buffer.from('{"journal":2,"more":[],"database":"aa"}'));
      expect(await owner.read()).toEqual({ database: 'aa', journal: 2 });
    });

    it('tells when the tree was flushed last, never earlier than what was written before', async () => {
      await under.driver.putContent('docker/file', Buffer.from('x'));
      await owner.markFlushed();
      const first = (await owner.flushedAt()) ?? 0;
      expect(first).toBeGreaterThanOrEqual((await under.driver.stat('docker/file'))?.changedAt ?? Infinity);
      await under.driver.putContent('docker/file', Buffer.from('y'));
      await owner.markFlushed();
      const changedAt = (await under.driver.stat('docker/file'))?.changedAt ?? Infinity;
      expect(await owner.flushedAt()).toBeGreaterThanOrEqual(Math.max(first, changedAt));
    });

    it('is distrusted until somebody trusts it again, by everybody', async () => {
      expect(await owner.distrusted()).toBeUndefined();
      await owner.trust();
      await owner.distrust('a tag v1');
      await owner.distrust('a tag v2');
      expect(await new LayoutTreeOwner(under.driver).distrusted()).toBe('a tag v2');
      await owner.trust();
      expect(await owner.distrusted()).toBeUndefined();
    });

    it.each(['docker/registry/v2/blobs/sha256/aa/aa/data', 'docker/registry/v2/repositories/a/_layers/x'])(
      'finds a tree not empty that has %s',
      async (path) => {
        await under.driver.putContent(path, Buffer.from('x'));
        expect(await owner.isEmpty()).toBe(false);
      },
    );

    it('finds a tree empty in which only its own files are', async () => {
      await owner.write({ database: 'aa', journal: 1 });
      await owner.markFlushed();
      expect(await owner.isEmpty()).toBe(true);
    });
  });
}
