import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileListing, ListedFile } from '../../src/application/ports/storage/file-listing.js';
import type { DriverUnderTest } from './storage-driver.contract.js';

/** What a storage tells of files by the beginnings of their paths. */
export function fileListingContract(adapter: string, make: () => Promise<DriverUnderTest>): void {
  describe(`files by the beginnings of their paths on ${adapter}`, () => {
    let under: DriverUnderTest;

    beforeEach(async () => {
      under = await make();
    });
    afterEach(() => under.dispose());

    const listing = (): FileListing => {
      if (under.driver.listing === undefined) throw new Error(`${adapter} lists no files`);
      return under.driver.listing;
    };
    const put = (path: string, content = path) => under.driver.putContent(path, Buffer.from(content));
    async function listed(prefix: string, after?: string): Promise<readonly ListedFile[]> {
      const found: ListedFile[] = [];
      for await (const page of listing().pages(prefix, after)) found.push(...page);
      return found;
    }
    const paths = async (prefix: string, after?: string) =>
      (await listed(prefix, after)).map(({ path }) => path);

    it('are none where there are none', async () => {
      await put('a/b');
      expect(await paths('b')).toEqual([]);
    });

    it('come in byte order, whatever lies in which folder', async () => {
      const all = ['a-b/x', 'a.c', 'a/b', 'a/b-c/x', 'a/b/c', 'a0', 'B', 'a/b_/x'];
      for (const path of all) await put(path);
      expect(await paths('')).toEqual(all.toSorted());
      expect(await paths('a/')).toEqual(all.filter((path) => path.startsWith('a/')).toSorted());
      expect(await paths('a/b')).toEqual(all.filter((path) => path.startsWith('a/b')).toSorted());
    });

    it('go on strictly behind a path, which need not be there', async () => {
      const all = ['x/1', 'x/2', 'x/3', 'x/4'];
      for (const path of all) await put(path);
      expect(await paths('x/', 'x/2')).toEqual(['x/3', 'x/4']);
      expect(await paths('x/', 'x/20')).toEqual(['x/3', 'x/4']);
      expect(await paths('x/', 'a')).toEqual(all);
      expect(await paths('x/', 'x0')).toEqual([]);
    });

    it('come in pages, all of them', { timeout: 60_000 }, async () => {
      const all = Array.from({ length: 1_100 }, (_, at) => `many/${String(at).padStart(4, '0')}`);
      for (let at = 0; at < all.length; at += 50)
        await Promise.all(all.slice(at, at + 50).map((path) => put(path)));
      expect(await paths('many/')).toEqual(all);
      expect(await paths('many/', 'many/0999')).toEqual(all.slice(1_000));
    });

    it('have a size, a time, and the MD5 of what was put whole', async () => {
      const before = Date.now();
      await put('file', 'content');
      await put('empty', '');
      const [empty, file] = await listed('');
      expect([file?.size, empty?.size]).toEqual([7, 0]);
      expect(file?.checksum).toBe(createHash('md5').update('content').digest('hex'));
      // The store may tell whole seconds.
      expect(file?.changedAt).toBeGreaterThan(before - 1_100);
      expect(file?.changedAt).toBeLessThan(Date.now() + 1_100);
    });

    it('are seen by the next look after they were written and removed', async () => {
      await put('a/1');
      await put('a/2');
      expect(await paths('a/')).toEqual(['a/1', 'a/2']);
      await under.driver.remove('a/1');
      expect(await paths('a/')).toEqual(['a/2']);
      await under.driver.remove('a');
      expect(await paths('a/')).toEqual([]);
    });
  });
}
