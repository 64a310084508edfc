import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Digest } from '../../src/domain/content/digest.js';
import type { LinkedName } from '../../src/domain/repository/linked-name.js';
import { RepositoryName } from '../../src/domain/repository/repository-name.js';
import { TagName } from '../../src/domain/tag/tag-name.js';
import { LayoutLinkStore } from '../../src/infrastructure/storage/layout/layout-link-store.js';
import { LayoutTreeChanges } from '../../src/infrastructure/storage/layout/layout-tree-changes.js';
import { traitsOf, type DriverUnderTest } from './storage-driver.contract.js';

/** What shows that a repository was changed. Where folders are implied nothing shows that it was not. */
export function treeChangesContract(adapter: string, make: () => Promise<DriverUnderTest>): void {
  describe(`changes of a tree on ${adapter}`, () => {
    const repository = RepositoryName.parse('team/app');
    const one = Digest.of('sha256', Buffer.from('one'));
    const two = Digest.of('sha256', Buffer.from('two'));
    const tag = (name: string): LinkedName => ({ kind: 'tag', repository, tag: TagName.parse(name) });
    const layer = (digest: Digest): LinkedName => ({ kind: 'layer', repository, digest });
    let under: DriverUnderTest;
    let links: LayoutLinkStore;
    let changes: LayoutTreeChanges;
    let since: number;

    const link = (name: LinkedName, target: Digest | undefined) =>
      links.write([{ name, value: target && { target } }]);

    beforeEach(async () => {
      under = await make();
      links = new LayoutLinkStore(under.driver);
      changes = new LayoutTreeChanges(under.driver);
      await link(layer(one), one);
      await link(tag('v1'), one);
      await link(tag('v1'), two);
      await link(tag('v2'), one);
      const path = `docker/registry/v2/blobs/sha256/${one.hex.slice(0, 2)}/${one.hex}/data`;
      await under.driver.putContent(path, Buffer.from('one'));
      // The clock of a file system ticks in milliseconds.
      await sleep(20);
      since = await changes.now();
      await sleep(20);
    });
    afterEach(() => under.dispose());

    const prefixes = async () => (await changes.blobFolders(since)).map(({ prefix }) => prefix);
    const isImplied = () => traitsOf(under).folders === 'implied';
    const changed = () => changes.mayHaveChanged('team/app', since);

    it('sees none where there is none, unless folders are implied, which have no times', async () => {
      expect(await changed()).toBe(isImplied());
      expect((await prefixes()).includes(one.hex.slice(0, 2))).toBe(isImplied());
    });

    it.each<[string, () => Promise<unknown>]>([
      ['a new tag', () => link(tag('v3'), one)],
      ['a tag that moves to a digest it had before', () => link(tag('v1'), one)],
      ['a tag that is deleted', () => link(tag('v1'), undefined)],
      ['a new layer', () => link(layer(two), two)],
      ['a layer that is deleted', () => link(layer(one), undefined)],
      ['a layer that is linked again', () => link(layer(one), one)],
    ])('sees %s', async (_what, change) => {
      await change();
      expect(await changed()).toBe(true);
    });

    it('does not see for ever that a layer was deleted, unless folders are implied', async () => {
      await link(layer(one), undefined);
      await sleep(20);
      since = await changes.now();
      expect(await changed()).toBe(isImplied());
    });

    it('says yes of a repository that is not there', async () => {
      expect(await changes.mayHaveChanged('nowhere', since)).toBe(true);
    });

    it('sees a blob come and go', async () => {
      const folder = `docker/registry/v2/blobs/sha256/${one.hex.slice(0, 2)}`;
      await under.driver.remove(`${folder}/${one.hex}`);
      expect(await prefixes()).toContain(one.hex.slice(0, 2));
    });
  });
}
