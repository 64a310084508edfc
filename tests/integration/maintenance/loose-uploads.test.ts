import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { modelOfS3UnderTest } from '../../contract/storage-under-test.js';
import { HOUR, NOW, openUpload, repository } from '../../contract/metadata/metadata-actions.js';
import { filesystemUnderTest } from '../../contract/storage-under-test.js';
import { TREE_ROOT } from '../../support/tree-in-driver.js';
import { OrphansUnderTest } from './orphans-under-test.js';

const UUID = '0d3f2b1e-9d53-4a6b-8f1c-0a4b8f3f2a11';
const NOTHING = { count: 0, bytes: 0 };
const DAY = 24 * HOUR;

describe.each([['in folders', filesystemUnderTest] as const, ['in a bucket', modelOfS3UnderTest] as const])(
  'the scan for orphans, of uploads %s',
  (_where, make) => {
    let under: OrphansUnderTest;

    beforeEach(async () => {
      under = await OrphansUnderTest.open(make);
    });
    afterEach(() => under.dispose());

    const folder = (id: string): string => `${TREE_ROOT}/repositories/a/_uploads/${id}`;
    const upload = async (id: string, startedAt = '2023-11-14T22:13:20Z'): Promise<void> => {
      await under.tree.file(`${folder(id)}/startedat`, startedAt);
      await under.tree.file(`${folder(id)}/data`, '12345');
      await under.tree.file(`${folder(id)}/hashstates/sha256/5`, 'state');
    };
    const isThere = async (id: string): Promise<boolean> =>
      (await under.driver.stat(`${folder(id)}/data`)) !== undefined;

    it('removes the folder of one that no row knows', async () => {
      await upload(UUID);
      const report = await under.scan();
      expect(report).toMatchObject({ uploads: { count: 1, bytes: 25 }, youngUploads: NOTHING });
      expect(await under.driver.stat(folder(UUID))).toBeUndefined();
    });

    it.each<[string, { readonly startedAt?: string; readonly later: number }]>([
      ['was written to lately', { later: HOUR / 2 }],
      ['began lately', { startedAt: new Date(Date.now() + DAY).toISOString(), later: DAY }],
    ])('keeps one that %s', async (_what, { startedAt, later }) => {
      await upload(UUID, startedAt);
      const report = await under.scan({ later });
      expect(report).toMatchObject({ uploads: NOTHING, youngUploads: { count: 1 } });
      expect(await isThere(UUID)).toBe(true);
    });

    it.each(['open', 'cancelled'])('never one that has a row, which is %s', async (state) => {
      const id = await openUpload(under.file.ports.uploads, repository('a'));
      if (state === 'cancelled') await under.file.ports.uploads.cancel(repository('a'), id, NOW);
      await upload(id.toString());
      expect(await under.scan()).toMatchObject({ uploads: NOTHING, youngUploads: NOTHING });
      expect(await isThere(id.toString())).toBe(true);
    });

    it('never one whose name is none', async () => {
      await upload('precious');
      const report = await under.scan();
      expect(report.uploads).toEqual(NOTHING);
      expect(report.damaged.first).toMatchObject([{ path: folder('precious') }]);
      expect(await isThere('precious')).toBe(true);
    });
  },
);
