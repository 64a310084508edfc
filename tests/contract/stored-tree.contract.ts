import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StorageFault } from '../../src/application/ports/storage/storage-fault.js';
import type { Found, TreeDamage } from '../../src/application/ports/storage/stored-tree.js';
import { Digest } from '../../src/domain/content/digest.js';
import { LayoutStoredTree } from '../../src/infrastructure/storage/layout/layout-stored-tree.js';
import { collect } from '../support/collect.js';
import { traitsOf, type DriverUnderTest } from './storage-driver.contract.js';

const ROOT = 'docker/registry/v2';
const NEVER = new AbortController().signal;

/** What a hand-made tree says, whole and damaged, on any driver. */
export function storedTreeContract(adapter: string, make: () => Promise<DriverUnderTest>): void {
  describe(`stored tree on ${adapter}`, () => {
    const one = Digest.of('sha256', Buffer.from('one'));
    const two = Digest.of('sha256', Buffer.from('two'));
    const long = Digest.of('sha512', Buffer.from('one'));
    let under: DriverUnderTest;
    let tree: LayoutStoredTree;

    beforeEach(async () => {
      under = await make();
      tree = new LayoutStoredTree(under.driver);
    });
    afterEach(() => under.dispose());
    const isImplied = () => traitsOf(under).folders === 'implied';

    const put = (path: string, content = ''): Promise<void> =>
      under.driver.putContent(`${ROOT}/${path}`, Buffer.from(content));
    const layer = ({ algorithm, hex }: Digest): string => `repositories/a/_layers/${algorithm}/${hex}/link`;
    const revision = (digest: Digest): string => layer(digest).replace('_layers', '_manifests/revisions');
    const current = (tag: string): string => `repositories/a/_manifests/tags/${tag}/current/link`;

    async function damages<T>(list: AsyncIterable<Found<T>>): Promise<readonly (readonly string[])[]> {
      const all = await collect(list);
      return all.map((found) => {
        if (found.kind === 'found') return ['found', String(found.value)];
        expect(found.damage.repository).toBe('a');
        return [found.damage.path.slice(ROOT.length + 1), found.damage.reason];
      });
    }

    describe('repositories', () => {
      const names = (after?: string): Promise<readonly string[]> => collect(tree.repositories(after, NEVER));
      const ALL = ['a', 'a-b', 'a-b/c', 'a.c', 'a/b', 'a/b/c', 'a/x-y', 'a/x/y', 'a0', 'B', 'z/z'].toSorted();
      beforeEach(async () => {
        for (const name of ALL) await put(`repositories/${name}/_manifests/tags/v1/current/link`);
      });

      it('come in byte order of their full names, not in that of a walk', async () => {
        expect(await names()).toEqual(ALL);
        expect(ALL.indexOf('a-b')).toBeLessThan(ALL.indexOf('a/b'));
      });

      it.each(ALL)('go on behind %s', async (after) => {
        expect(await names(after)).toEqual(ALL.filter((name) => name > after));
      });

      it.each(['', 'a-', 'a/', 'a/b/b', 'z/zz', 'a/a'])('go on behind %j, which is none', async (after) => {
        expect(await names(after)).toEqual(ALL.filter((name) => name > after));
      });

      it('are those that have layers or manifests; uploads and empty folders make none', async () => {
        await put('repositories/b/_layers/sha256/x/link');
        await put('repositories/c/_uploads/1/startedat');
        await put('repositories/d/e/f/nothing');
        expect(await names('a0')).toEqual(['b', 'z/z']);
      });

      it('are not looked for in folders with an underscore', async () => {
        await put('repositories/a/_layers/trap/_manifests/tags/v1/current/link');
        await put('repositories/_own/_manifests/tags/v1/current/link');
        expect(await names()).toEqual(ALL);
      });

      it('may have names that the grammar refuses, and deep ones', async () => {
        const deep = Array.from({ length: 200 }, () => 'd').join('/');
        const long255 = 'l'.repeat(255);
        for (const name of [deep, `${long255}/${long255}`, 'UPPER']) {
          await put(`repositories/${name}/_layers/sha256/x/link`);
        }
        expect(await names()).toEqual(['UPPER', ...ALL, deep, `${long255}/${long255}`].toSorted());
      });

      it('tell of files that lie between them', async () => {
        await put('repositories/a/README', 'text');
        const found: TreeDamage[] = [];
        await collect(tree.repositories(undefined, NEVER, (damage) => found.push(damage)));
        expect(found).toEqual([
          {
            path: `${ROOT}/repositories/a/README`,
            repository: undefined,
            reason: 'is a file where a folder should be',
          },
        ]);
      });

      it('stop when they are told to', async () => {
        const stop = new AbortController();
        const seen: string[] = [];
        const walk = async (): Promise<void> => {
          for await (const name of tree.repositories(undefined, stop.signal)) {
            seen.push(name);
            if (seen.length === 2) stop.abort(new Error('enough'));
          }
        };
        await expect(walk()).rejects.toThrow('enough');
        expect(seen).toEqual(ALL.slice(0, 2));
      });
    });

    it('finds nothing in an empty storage', async () => {
      expect(await collect(tree.repositories(undefined, NEVER))).toEqual([]);
      expect(await collect(tree.repository('a').tags(NEVER))).toEqual([]);
      expect(await collect(tree.repository('a').layers(NEVER))).toEqual([]);
    });

    it('reads tags in byte order', async () => {
      const tags = Array.from({ length: 100 }, (_, at) => `v${at}`);
      for (const tag of [...tags, '_', 'V-1']) await put(current(tag), one.toString());
      const found = await collect(tree.repository('a').tags(NEVER));
      const names = found.map((tag) => (tag.kind === 'found' ? tag.value.name : tag.damage.reason));
      expect(names).toEqual([...tags, '_', 'V-1'].toSorted());
    });

    it('reads layers and revisions of both algorithms', async () => {
      for (const digest of [one, two, long]) {
        await put(layer(digest), digest.toString());
        await put(revision(digest), digest.toString());
      }
      const expected = [one, two].map(String).toSorted().concat(long.toString());
      expect((await damages(tree.repository('a').layers(NEVER))).map(([, text]) => text)).toEqual(expected);
      expect((await damages(tree.repository('a').revisions(NEVER))).map(([, text]) => text)).toEqual(
        expected,
      );
    });

    it('takes neither a folder without its link nor what a crash left of a write for damage', async () => {
      const temporary = `${layer(one)}.2ac35f4b-1d2f-4b5c-8a8e-5f7d3f0f6a11.tmp`;
      await put(temporary, 'sha256:');
      await put(`repositories/a/_layers/sha256/link.2ac35f4b-1d2f-4b5c-8a8e-5f7d3f0f6a11.tmp`);
      await put(revision(two), two.toString());
      await under.driver.remove(`${ROOT}/${revision(two)}`);
      expect(await damages(tree.repository('a').layers(NEVER))).toEqual([]);
      expect(await damages(tree.repository('a').revisions(NEVER))).toEqual([]);
    });

    it.each([
      ['is empty', ''],
      ['is cut off', one.toString().slice(0, 40)],
      ['is cut off', 'sha2'],
      ['names no digest', `${one.toString()}\n`],
      ['names no digest', 'md5:0123'],
      ['names no digest', '\u0000'.repeat(71)],
      ['names a digest in upper case', one.toString().toUpperCase()],
      ['names a digest in upper case', `sha256:${one.hex.toUpperCase()}`],
      ['is larger than it can be', 'x'.repeat(2000)],
    ])('says that a link %s when it holds %j', async (reason, content) => {
      for (const path of [layer(one), revision(one), current('v1')]) await put(path, content);
      expect(await damages(tree.repository('a').layers(NEVER))).toEqual([[layer(one), reason]]);
      expect(await damages(tree.repository('a').revisions(NEVER))).toEqual([[revision(one), reason]]);
      expect(await damages(tree.repository('a').tags(NEVER))).toEqual([[current('v1'), reason]]);
    });

    it('says that a link names another digest than its folder, unless it is a tag', async () => {
      await put(layer(one), two.toString());
      await put(revision(one), long.toString());
      await put(current('v1'), two.toString());
      const reason = 'names another digest than its folder';
      expect(await damages(tree.repository('a').layers(NEVER))).toEqual([[layer(one), reason]]);
      expect(await damages(tree.repository('a').revisions(NEVER))).toEqual([[revision(one), reason]]);
      expect((await collect(tree.repository('a').tags(NEVER))).map(({ kind }) => kind)).toEqual(['found']);
    });

    it("tells the reference registry's other name of a blob from damage", async () => {
      await put(layer(long), one.toString());
      const [found] = await damages(tree.repository('a').layers(NEVER));
      expect(found).toEqual([layer(long), expect.stringContaining(`another name of ${one.toString()}`)]);
    });

    it('says where a folder stands instead of a file', async () => {
      await put(`${layer(one)}/inside`);
      await put(`${current('v1')}/inside`);
      const reason = 'is a folder where a file should be';
      expect(await damages(tree.repository('a').layers(NEVER))).toEqual([[layer(one), reason]]);
      expect(await damages(tree.repository('a').tags(NEVER))).toEqual([[current('v1'), reason]]);
    });

    it.each(['repositories/a/_layers/sha256', `repositories/a/_layers/sha256/${'0'.repeat(64)}`])(
      'says that a file stands instead of the folder %s',
      async (path) => {
        await put(path, 'text');
        expect(await damages(tree.repository('a').layers(NEVER))).toEqual([
          [path, 'is a file where a folder should be'],
        ]);
      },
    );

    it.each(['repositories/a/_manifests/tags/v1', 'repositories/a/_manifests/tags/v1/current'])(
      'says that a file stands instead of the folder %s',
      async (path) => {
        await put(path, 'text');
        expect(await damages(tree.repository('a').tags(NEVER))).toEqual([
          [path, 'is a file where a folder should be'],
        ]);
      },
    );

    it.each(['repositories/a/_layers', 'repositories/a/_manifests', 'repositories/a/_manifests/tags'])(
      'says that a file stands instead of the folder %s, which hides nothing where folders are implied',
      async (path) => {
        await put(path, 'text');
        const repository = tree.repository('a');
        const found = path.endsWith('_layers')
          ? await damages(repository.layers(NEVER))
          : await damages(repository.tags(NEVER));
        expect(found).toEqual(isImplied() ? [] : [[path, 'is a file where a folder should be']]);
      },
    );

    it('says that a tag has no link, or a name that none can have', async () => {
      await put(`repositories/a/_manifests/tags/v1/index/sha256/${one.hex}/link`, one.toString());
      await put(current('-v2'), one.toString());
      await put(current('t'.repeat(129)), one.toString());
      expect(await damages(tree.repository('a').tags(NEVER))).toEqual([
        ['repositories/a/_manifests/tags/-v2', 'is a name that no tag can have'],
        [`repositories/a/_manifests/tags/${'t'.repeat(129)}`, 'is a name that no tag can have'],
        [current('v1'), 'is missing'],
      ]);
    });

    it('has nothing of a tag whose folder is empty: it is just being deleted', async () => {
      await put(current('v1'), one.toString());
      await under.driver.remove(`${ROOT}/${current('v1')}`);
      await under.driver.remove(`${ROOT}/repositories/a/_manifests/tags/v1/current`);
      expect(await damages(tree.repository('a').tags(NEVER))).toEqual([]);
    });

    it('says that a folder has a name that no digest has', async () => {
      const names = [`SHA256/${one.hex}`, 'sha256/00', `sha256/${one.hex.toUpperCase()}`, `md5/${one.hex}`];
      for (const name of names) await put(`repositories/a/_layers/${name}/link`, one.toString());
      expect(sentences(await damages(tree.repository('a').layers(NEVER)))).toEqual(
        names.map((name) => `repositories/a/_layers/${name} is a name that no digest has`).toSorted(),
      );
    });

    it('goes on behind what it can not read', async () => {
      // What is not plain from a listing is read.
      await put(layer(one), `${one.toString()} `);
      await put(layer(two), two.toString());
      const refusing = new LayoutStoredTree(
        new Proxy(under.driver, {
          get: (driver, key) => {
            const value = Reflect.get(driver, key);
            if (key !== 'readContent') return typeof value === 'function' ? value.bind(driver) : value;
            return (path: string, most: number) =>
              path.includes(one.hex)
                ? Promise.reject(new StorageFault('denied', `cannot read ${path}: EACCES`))
                : driver.readContent(path, most);
          },
        }),
      );
      expect(sentences(await damages(refusing.repository('a').layers(NEVER)))).toEqual(
        [`found ${two.toString()}`, `${layer(one)} may not be read by this user`].toSorted(),
      );
    });

    it('throws what says nothing of a path', async () => {
      const fail = () => Promise.reject(new StorageFault('too-many-open-files', 'cannot list: EMFILE'));
      const listing = isImplied()
        ? { pages: () => ({ [Symbol.asyncIterator]: () => ({ next: fail }) }) }
        : undefined;
      const failing = new LayoutStoredTree(
        new Proxy(under.driver, { get: (_driver, key) => (key === 'listing' ? listing : fail) }),
      );
      await expect(collect(failing.repository('a').layers(NEVER))).rejects.toThrow('EMFILE');
      await expect(collect(failing.repositories(undefined, NEVER))).rejects.toThrow('EMFILE');
    });

    it('reads the bytes of manifests and the size of blobs', async () => {
      await put(`blobs/sha256/${one.hex.slice(0, 2)}/${one.hex}/data`, 'one');
      await put(`blobs/sha256/${two.hex.slice(0, 2)}/${two.hex}/data/inside`);
      expect(Buffer.from((await tree.manifestBytes(one)) ?? '').toString()).toBe('one');
      expect(await tree.blobSize(one)).toBe(3);
      expect(await tree.manifestBytes(long)).toBeUndefined();
      expect(await tree.blobSize(long)).toBeUndefined();
      // Where folders are implied there is nothing of that name.
      if (isImplied()) expect(await tree.manifestBytes(two)).toBeUndefined();
      else await expect(tree.manifestBytes(two)).rejects.toThrow(StorageFault);
      expect(await tree.blobSize(two)).toBeUndefined();
    });

    it.each([
      [
        'the declared type',
        '{"mediaType":"application/vnd.example.v1+json"}',
        'application/vnd.example.v1+json',
      ],
      ['nothing that is no type', '{"mediaType":"text"}', undefined],
      ['nothing that is no JSON', '{"media', undefined],
      ['nothing without one', '[]', undefined],
    ])('reads %s', async (_what, content, expected) => {
      await put(revision(one).replace(/link$/, 'stowage.json'), content);
      expect(await tree.repository('a').declaredMediaType(one)).toBe(expected);
      expect(await tree.repository('a').declaredMediaType(two)).toBeUndefined();
    });
  });
}

function sentences(damages: readonly (readonly string[])[]): readonly string[] {
  return damages.map((parts) => parts.join(' ')).toSorted();
}
