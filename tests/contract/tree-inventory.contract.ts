import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlobEntry, NameEntry } from '../../src/application/ports/storage/tree-inventory.js';
import { Digest } from '../../src/domain/content/digest.js';
import { LayoutTreeInventory } from '../../src/infrastructure/storage/layout/layout-tree-inventory.js';
import { collect } from '../support/collect.js';
import { blobAt, layerAt, revisionAt, TREE_ROOT, TreeInDriver } from '../support/tree-in-driver.js';
import type { DriverUnderTest } from './storage-driver.contract.js';

const NEVER = new AbortController().signal;
const UUID = '0d3f2b1e-9d53-4a6b-8f1c-0a4b8f3f2a11';
const short = (path: string): string => path.slice(TREE_ROOT.length + 1);

/** What lies in a hand-made tree, whoever has put it there, on any driver. */
export function treeInventoryContract(adapter: string, make: () => Promise<DriverUnderTest>): void {
  describe(`inventory of a tree on ${adapter}`, () => {
    const one = Digest.of('sha256', Buffer.from('one'));
    const two = Digest.of('sha256', Buffer.from('two'));
    const long = Digest.of('sha512', Buffer.from('one'));
    let under: DriverUnderTest;
    let tree: TreeInDriver;
    let inventory: LayoutTreeInventory;

    beforeEach(async () => {
      under = await make();
      tree = new TreeInDriver(under.driver);
      inventory = new LayoutTreeInventory(under.driver);
    });
    afterEach(() => under.dispose());

    describe('blobs', () => {
      const blobs = async (after?: Digest): Promise<readonly string[]> =>
        (await collect(inventory.blobs(after, NEVER))).map(shownBlob);

      it('come in the order of digests, and go on behind any', async () => {
        const digests: Digest[] = [];
        for (let at = 0; at < 40; at += 1) digests.push(await tree.blob(`blob ${at}`));
        for (let at = 0; at < 5; at += 1) digests.push(await tree.blob(`blob ${at}`, 'sha512'));
        const all = digests.map(String).toSorted();
        expect(await blobs()).toEqual(all);
        for (const [at, text] of all.entries()) {
          expect(await blobs(Digest.parse(text))).toEqual(all.slice(at + 1));
        }
        expect(await blobs(Digest.parse(`sha256:${'8'.repeat(64)}`))).toEqual(
          all.filter((text) => text > `sha256:${'8'.repeat(64)}`),
        );
      });

      it('are none in a tree that has none', async () => {
        expect(await blobs()).toEqual([]);
        expect(await inventory.blobFile(one)).toBeUndefined();
      });

      it('have a size and a time', async () => {
        const before = Date.now();
        await tree.blob('one');
        const file = await inventory.blobFile(one);
        expect(file?.size).toBe(3);
        // The clock of a file system ticks in milliseconds, an object store tells whole seconds.
        expect(file?.changedAt).toBeGreaterThan(before - 1_100);
        expect(file?.changedAt).toBeLessThan(Date.now() + 100);
      });

      it.each([
        ['a file in place of an algorithm', 'blobs/stray', 'is a file where a folder should be'],
        ['an algorithm that nobody knows', 'blobs/md5/ab/abc/data', 'is a name that no algorithm has'],
        ['a file in place of a prefix', 'blobs/sha256/ab', 'is a file where a folder should be'],
        [
          'a prefix that is none',
          `blobs/sha256/xyz/${'a'.repeat(64)}/data`,
          'is a name that no digest begins with',
        ],
        [
          'a digest in upper case',
          `blobs/sha256/ab/${'AB'.repeat(32)}/data`,
          'is a name that no digest here has',
        ],
        [
          'a digest in the folder of others',
          `blobs/sha256/ab/${'cd'.repeat(32)}/data`,
          'is a name that no digest here has',
        ],
        [
          'a digest that is cut off',
          `blobs/sha256/ab/${'ab'.repeat(31)}/data`,
          'is a name that no digest here has',
        ],
        [
          'a folder in place of bytes',
          `blobs/sha256/ab/${'ab'.repeat(32)}/data/x`,
          'is a folder where a file should be',
        ],
        [
          'another file beside bytes',
          `blobs/sha256/ab/${'ab'.repeat(32)}/other`,
          'is nothing that belongs there',
        ],
      ])('are none: %s', async (_what, path, reason) => {
        await tree.blob('one');
        await tree.file(`${TREE_ROOT}/${path}`, 'x');
        const [damage, ...more] = (await blobs()).filter((text) => text !== one.toString());
        expect(more).toEqual([]);
        expect(damage?.endsWith(reason)).toBe(true);
        expect(path.startsWith(damage?.split(' ')[0] ?? '?')).toBe(true);
      });

      it('may have half-written files beside them, which can be removed', async () => {
        const path = `${blobAt(one)}.${UUID}.tmp`;
        await tree.blob('one');
        await tree.file(path, 'half');
        const entries = await collect(inventory.blobs(undefined, NEVER));
        expect(entries.map(shownBlob).toSorted()).toEqual([`leftover ${short(path)} 4`, one.toString()]);
        for (const entry of entries) {
          if (entry.kind === 'leftover') await inventory.removeLeftover(entry.leftover);
        }
        expect(await blobs()).toEqual([one.toString()]);
        expect((await inventory.blobFile(one))?.size).toBe(3);
      });

      it('are never removed as half-written files', async () => {
        await tree.blob('one');
        for (const path of [blobAt(one), `${TREE_ROOT}/repositories/data.${UUID}.tmp`]) {
          await expect(inventory.removeLeftover({ path, size: 3, changedAt: 0 })).rejects.toThrow(TypeError);
        }
        expect(await blobs()).toEqual([one.toString()]);
      });

      it('are passed over where a folder is empty', async () => {
        await tree.blob('one');
        await under.driver.remove(blobAt(one));
        expect(await blobs()).toEqual([]);
      });

      it('stop when they are told to', async () => {
        for (let at = 0; at < 40; at += 1) await tree.blob(`blob ${at}`);
        const stop = new AbortController();
        let seen = 0;
        const walk = async (): Promise<void> => {
          for await (const entry of inventory.blobs(undefined, stop.signal)) {
            if (entry.kind === 'blob') seen += 1;
            if (seen === 3) stop.abort(new Error('enough'));
          }
        };
        await expect(walk()).rejects.toThrow('enough');
        expect(seen).toBe(3);
      });
    });

    describe('names', () => {
      const names = async (): Promise<readonly string[]> =>
        (await collect(inventory.names(NEVER))).map(shownName).toSorted();
      const current = (tag: string): string =>
        `${TREE_ROOT}/repositories/a/_manifests/tags/${tag}/current/link`;

      it('are those of layers, manifests and tags, and of where tags have pointed', async () => {
        await tree.layerLink('a', one);
        await tree.layerLink('b/c', long);
        await tree.file(revisionAt('a', two), two.toString());
        await tree.tag('a', 'v1', one);
        await tree.tag('a', 'v1', two);
        const history = (digest: Digest): string =>
          `repositories/a/_manifests/tags/v1/index/sha256/${digest.hex}/link`;
        expect(await names()).toEqual(
          [
            `a ${short(layerAt('a', one))} ${one.toString()}`,
            `b/c ${short(layerAt('b/c', long))} ${long.toString()}`,
            `a ${short(revisionAt('a', two))} ${two.toString()}`,
            `a ${history(one)} ${one.toString()}`,
            `a ${history(two)} ${two.toString()}`,
            `a ${short(current('v1'))} ${two.toString()}`,
          ].toSorted(),
        );
      });

      it('are what a manifest mentions, understood or not', async () => {
        const body = `{"schemaVersion":1,"x":"${two.toString()}","y":"sha512\\u003a${long.hex}", cut off`;
        const manifest = await tree.manifest('a', body);
        const path = short(revisionAt('a', manifest));
        expect(await names()).toEqual(
          [
            `a ${path} ${manifest.toString()}`,
            `manifest a ${path} ${[two, long].map(String).join(' ')}`,
          ].toSorted(),
        );
      });

      it.each([
        ['nothing', ''],
        ['no digest', 'sha256:12'],
      ])('are told by the folder of a link that holds %s', async (_what, content) => {
        await tree.file(layerAt('a', one), content);
        expect(await names()).toEqual([
          `a ${short(layerAt('a', one))} ${one.toString()}`,
          `damaged ${short(layerAt('a', one))} names no digest`,
        ]);
      });

      it('are both, where a link lies in the folder of another', async () => {
        await tree.file(layerAt('a', one), two.toString());
        expect(await names()).toEqual([`a ${short(layerAt('a', one))} ${one.toString()} ${two.toString()}`]);
      });

      it('are told of what is no link: a folder, a text that is too long, upper case', async () => {
        await tree.file(`${layerAt('a', one)}/x`, '');
        await tree.file(layerAt('b', one), `${two.toString()} `.repeat(100));
        const loud = layerAt('c', one).replace(one.hex, one.hex.toUpperCase());
        await tree.file(loud, two.toString().toUpperCase());
        expect(await names()).toEqual(
          [
            `a ${short(layerAt('a', one))} ${one.toString()}`,
            `damaged ${short(layerAt('a', one))} is a folder where a file should be`,
            `b ${short(layerAt('b', one))} ${one.toString()}`,
            `damaged ${short(layerAt('b', one))} is larger than it can be`,
            `c ${short(loud)} ${one.toString()} ${two.toString()}`,
          ].toSorted(),
        );
      });

      it('are none where a link was taken away, and in uploads', async () => {
        await tree.layerLink('a', one);
        await under.driver.remove(layerAt('a', one));
        await tree.file(`${TREE_ROOT}/repositories/a/_uploads/${UUID}/link`, two.toString());
        expect(await names()).toEqual([]);
      });

      it('are hidden where there are no repositories at all', async () => {
        await tree.blob('one');
        expect(await names()).toEqual([
          'hidden repositories is missing or empty, so whatever names blobs is somewhere else',
        ]);
      });
    });

    describe('uploads', () => {
      const folder = (repository: string, id = UUID): string =>
        `${TREE_ROOT}/repositories/${repository}/_uploads/${id}`;

      it('are found in repositories that have nothing else', async () => {
        await tree.file(`${folder('team/new')}/data`, '12345');
        await tree.file(`${folder('team/new')}/startedat`, '2123-11-14T22:13:20Z');
        await tree.layerLink('a', one);
        const [found, ...more] = await collect(inventory.uploads(NEVER));
        expect(more).toEqual([]);
        if (found?.kind !== 'found') throw new Error('damaged');
        const { repository, id, size, lastActiveAt } = found.value;
        expect([repository.toString(), id.toString()]).toEqual(['team/new', UUID]);
        expect(size).toBe(5 + '2123-11-14T22:13:20Z'.length);
        expect(lastActiveAt).toBe(Date.parse('2123-11-14T22:13:20Z'));
      });

      it.each([
        ['that began long ago', '2003-11-14T22:13:20Z'],
        ['that tell no time', 'yesterday'],
      ])('%s were last active when they were written to', async (_what, startedAt) => {
        const before = Date.now();
        await tree.file(`${folder('a')}/startedat`, startedAt);
        await tree.file(`${folder('a')}/data.0`, 'x');
        const [found] = await collect(inventory.uploads(NEVER));
        expect(found?.kind === 'found' && found.value.lastActiveAt).toBeGreaterThan(before - 1_100);
      });

      it('are told of what is none', async () => {
        await tree.file(`${folder('a', 'not-an-id')}/data`, 'x');
        await tree.file(folder('b'), 'a file');
        await tree.file(`${folder('UPPER')}/data`, 'x');
        const found = await collect(inventory.uploads(NEVER));
        const reasons = found.map((each) => each.kind === 'damaged' && each.damage.reason);
        expect(reasons).toEqual([
          'belongs to no repository',
          'is a name that no upload has',
          'is a file where a folder should be',
        ]);
      });
    });
  });
}

function shownBlob(entry: BlobEntry): string {
  if (entry.kind === 'blob') return entry.digest.toString();
  if (entry.kind === 'leftover') return `leftover ${short(entry.leftover.path)} ${entry.leftover.size}`;
  return `${short(entry.damage.path)} ${entry.damage.reason}`;
}

function shownName(entry: NameEntry): string {
  if (entry.kind !== 'names') return `${entry.kind} ${short(entry.damage.path)} ${entry.damage.reason}`;
  const by = entry.by === 'link' ? [] : [entry.by];
  return [...by, entry.repository, short(entry.path), ...entry.digests].join(' ');
}
