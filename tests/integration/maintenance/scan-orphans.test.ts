import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { modelOfS3UnderTest } from '../../contract/storage-under-test.js';
import type { NameEntry, TreeInventory } from '../../../src/application/ports/storage/tree-inventory.js';
import type { OrphanReport } from '../../../src/application/services/orphan-tally.js';
import type { Digest } from '../../../src/domain/content/digest.js';
import { CONTENT_STATE } from '../../../src/infrastructure/metadata/sql/content-state.js';
import {
  beginPush,
  blobOf,
  HOUR,
  NOW,
  pushBlob,
  repository,
} from '../../contract/metadata/metadata-actions.js';
import { filesystemUnderTest } from '../../contract/storage-under-test.js';
import { blobAt, layerAt, revisionAt, TREE_ROOT } from '../../support/tree-in-driver.js';
import { OrphansUnderTest } from './orphans-under-test.js';

const UUID = '0d3f2b1e-9d53-4a6b-8f1c-0a4b8f3f2a11';
const NOTHING = { count: 0, bytes: 0 };

describe.each([['in folders', filesystemUnderTest] as const, ['in a bucket', modelOfS3UnderTest] as const])(
  'the scan for orphans %s',
  (_where, make) => {
    let under: OrphansUnderTest;
    let orphan: Digest;

    beforeEach(async () => {
      under = await OrphansUnderTest.open(make);
      // A repository that has something, so that the tree does not look like one whose names are elsewhere.
      await under.tree.layer('served', 'linked');
      await pushBlob(under.file.ports, 'served', 'linked');
      orphan = await under.tree.blob('orphan');
    });
    afterEach(async () => {
      // Bytes of blobs are for collection alone.
      expect(await under.inventory.blobFile(orphan)).toMatchObject({ size: 6 });
      await under.dispose();
    });

    const isRegistered = (digest: Digest, size: number): void => {
      expect(under.row(digest)).toEqual({ state: CONTENT_STATE.reserved, size, due: under.clock.now() });
    };

    it('registers what nothing knows or names, under either algorithm, as due at once', async () => {
      const long = await under.tree.blob('orphan', 'sha512');
      const report = await under.scan();
      isRegistered(orphan, 6);
      isRegistered(long, 6);
      expect(report).toMatchObject({ blobs: 3, registered: { count: 2, bytes: 12 }, resumed: false });
      expect(report).toMatchObject({ young: NOTHING, undecided: NOTHING, named: { count: 0 } });
      expect((await under.scan()).registered).toEqual(NOTHING);
    });

    it('leaves the rest to collection, which takes away what nobody has pushed meanwhile', async () => {
      const taken = await under.tree.blob('taken');
      const pushed = await under.tree.blob('pushed');
      await under.scan();
      const push = await beginPush(under.file.ports, 'a', 'pushed', under.clock.now());
      const reservation = await under.file.ports.blobs.reserve(push);
      if (reservation.kind !== 'reserved') throw new Error(reservation.kind);
      await pushBlob(under.file.ports, 'a', 'orphan', under.clock.now());
      expect(await under.collect()).toEqual([taken.toString()]);
      expect(await under.inventory.blobFile(taken)).toBeUndefined();
      expect(await under.inventory.blobFile(pushed)).toMatchObject({ size: 6 });
      expect(await under.file.ports.blobs.commit(push, reservation.contentId)).toBeDefined();
    });

    it('changes nothing in a dry run, and says the same', async () => {
      const leftover = `${blobAt(orphan)}.${UUID}.tmp`;
      await under.tree.file(leftover, 'half');
      await under.tree.file(`${TREE_ROOT}/repositories/served/_uploads/${UUID}/data`, 'upload');
      const other = await under.tree.layer('behind', 'named');
      const before = under.rows;
      const dry = await under.scan({ dryRun: true });
      expect(under.rows).toBe(before);
      expect(await under.file.ports.orphanScans.current()).toBeUndefined();
      const wet = await under.scan();
      expect({ ...wet, named: { ...wet.named, adopted: 0 } }).toEqual(dry);
      expect(dry).toMatchObject({ registered: { count: 1 }, leftovers: { count: 1 }, uploads: { count: 1 } });
      expect(under.row(other)).toBeDefined();
      expect(await under.driver.stat(leftover)).toBeUndefined();
    });

    describe('keeps', () => {
      const isKept = async (digest: Digest, expected: Partial<OrphanReport>): Promise<void> => {
        expect(await under.scan()).toMatchObject({ registered: { count: 1, bytes: 6 }, ...expected });
        isRegistered(orphan, 6);
        expect(under.row(digest)?.state).not.toBe(CONTENT_STATE.reserved);
      };

      it('what is younger than the grace', async () => {
        const report = await under.scan({ later: HOUR / 2 });
        expect(report).toMatchObject({ registered: NOTHING, young: { count: 1, bytes: 6 } });
        expect(under.row(orphan)).toBeUndefined();
      });

      it('what is touched while the scan runs, although there is no grace', async () => {
        const other = await under.tree.blob('other');
        await sleep(under.tick);
        const touching: TreeInventory = {
          blobs: (...of) => under.inventory.blobs(...of),
          blobFile: (digest) => under.inventory.blobFile(digest),
          removeLeftover: (leftover) => under.inventory.removeLeftover(leftover),
          uploads: (signal) => under.inventory.uploads(signal),
          async *names(signal): AsyncGenerator<NameEntry> {
            await sleep(under.tick);
            await under.tree.blob('other');
            yield* under.inventory.names(signal);
          },
        };
        const report = await under.scan({ later: 0, grace: 0, inventory: touching });
        expect(report).toMatchObject({ registered: { count: 1 }, young: { count: 1, bytes: 5 } });
        isRegistered(orphan, 6);
        expect(under.row(other)).toBeUndefined();
      });

      it('a push in flight, whose row was there before its bytes', async () => {
        const push = await beginPush(under.file.ports, 'a', 'pushed', under.clock.now());
        const reservation = await under.file.ports.blobs.reserve(push);
        if (reservation.kind !== 'reserved') throw new Error(reservation.kind);
        const digest = await under.tree.blob('pushed');
        const before = under.row(digest);
        expect((await under.scan()).registered).toEqual({ count: 1, bytes: 6 });
        expect(under.row(digest)).toEqual(before);
        expect(await under.file.ports.blobs.commit(push, reservation.contentId)).toBeDefined();
      });

      it.each([
        ['reserved', CONTENT_STATE.reserved],
        ['present', CONTENT_STATE.present],
        ['condemned', CONTENT_STATE.condemned],
      ])('a row that is %s as it is', async (_what, state) => {
        const digest = await under.tree.blob('known');
        await pushBlob(under.file.ports, 'a', 'known');
        await under.file.ports.blobs.unlink(repository('a'), digest, NOW);
        under.file.raw.prepare('UPDATE content SET state = ?').run(state);
        const before = under.row(digest);
        expect((await under.scan()).registered).toEqual({ count: 1, bytes: 6 });
        expect(under.row(digest)).toEqual(before);
      });

      it('what a layer link names, and takes it in', async () => {
        const digest = await under.tree.layer('behind', 'named');
        const path = layerAt('behind', digest);
        const named = { count: 1, bytes: 5, adopted: 1, first: [{ digest, path, repository: 'behind' }] };
        await isKept(digest, { named });
        expect(await under.file.ports.blobs.find(repository('behind'), digest)).toMatchObject({ size: 5 });
      });

      it('an image that the database does not know, and takes it in with its tag', async () => {
        const config = await under.tree.layer('behind', 'config');
        const image = await under.tree.image('behind', config);
        await under.tree.tag('behind', 'v1', image);
        const report = await under.scan();
        expect(report).toMatchObject({ registered: { count: 1 }, named: { count: 2, adopted: 2 } });
        const page = { after: undefined, limit: 10 };
        expect(await under.file.ports.tags.page(repository('behind'), page)).toEqual(['v1']);
        expect(await under.file.ports.manifests.find(repository('behind'), image)).toBeDefined();
        expect((await under.scan()).named.count).toBe(0);
      });

      it('what several repositories name, and takes all of them in', async () => {
        const digest = await under.tree.layer('b', 'named');
        for (const name of ['c', 'a/nested', 'a']) await under.tree.layerLink(name, digest);
        await isKept(digest, {});
        for (const name of ['a', 'a/nested', 'b', 'c']) {
          expect(await under.file.ports.blobs.find(repository(name), digest)).toBeDefined();
        }
      });

      it.each<[string, (digest: Digest) => Promise<void>]>([
        ['a tag names', (digest) => under.tree.tag('behind', 'v1', digest)],
        [
          'a tag has once named',
          (digest) =>
            under.tree.file(
              `${TREE_ROOT}/repositories/behind/_manifests/tags/v1/index/sha256/${digest.hex}/link`,
              digest.toString(),
            ),
        ],
        [
          'a repository has whose name nobody can have',
          (digest) => under.tree.layerLink('_hidden/UPPER', digest),
        ],
        ['a link names that is cut off', (digest) => under.tree.file(layerAt('behind', digest), 'sha256:12')],
        ['an empty link of a manifest names', (digest) => under.tree.file(revisionAt('behind', digest), '')],
        [
          'a link names that lies in the folder of another',
          async (digest) => {
            const { digest: elsewhere } = blobOf('elsewhere');
            await under.tree.file(layerAt('behind', elsewhere), digest.toString());
          },
        ],
        [
          'a folder names that lies where a link should be',
          (digest) => under.tree.file(`${layerAt('behind', digest)}/x`, ''),
        ],
      ])('what %s, and tells that it is not taken in', async (_what, name) => {
        const digest = await under.tree.blob('named');
        await name(digest);
        await isKept(digest, { named: expect.objectContaining({ count: 1, adopted: 0 }) as never });
        expect(under.row(digest)).toBeUndefined();
      });

      it.each<[string, (digest: Digest) => string | object]>([
        [
          'that is whole',
          (digest) => ({ schemaVersion: 2, config: {}, layers: [{ digest: String(digest) }] }),
        ],
        ['of schema 1', (digest) => ({ schemaVersion: 1, fsLayers: [{ blobSum: String(digest) }] })],
        ['that is cut off', (digest) => `{"schemaVersion":2,"layers":[{"digest":"${String(digest)}"`],
      ])('what a manifest %s mentions, whose link is lost', async (_what, body) => {
        const digest = await under.tree.blob('named');
        await under.tree.manifest('behind', body(digest));
        const report = await under.scan();
        expect(report).toMatchObject({ registered: { count: 1, bytes: 6 }, named: { count: 2 } });
        expect(under.row(digest)).toBeUndefined();
      });

      it('what is named once more, however often it is asked', async () => {
        const digest = await under.tree.blob('named');
        await under.tree.tag('behind', 'v1', digest);
        for (let time = 0; time < 3; time += 1) {
          expect((await under.scan()).named.count).toBe(1);
          expect(under.row(digest)).toBeUndefined();
        }
      });
    });

    describe('tells of', () => {
      it('what lies among the blobs and is none', async () => {
        await under.tree.file(`${TREE_ROOT}/blobs/stray`, 'x');
        await under.tree.file(`${TREE_ROOT}/blobs/sha256/ab/README/data`, 'x');
        const report = await under.scan();
        expect(report.damaged.count).toBe(2);
        expect(report.damaged.first.map(({ path }) => path).toSorted()).toEqual([
          `${TREE_ROOT}/blobs/sha256/ab/README`,
          `${TREE_ROOT}/blobs/stray`,
        ]);
        expect(report.registered.count).toBe(1);
      });

      it('twenty of many', async () => {
        for (let at = 10; at < 40; at += 1) await under.tree.file(`${TREE_ROOT}/blobs/${at}`, 'x');
        const { count, first } = (await under.scan()).damaged;
        expect([count, first.length]).toEqual([30, 20]);
      });

      it('half-written files, which it removes when they are old', async () => {
        const known = await under.tree.blob('linked');
        const paths = [orphan, known].map((digest) => `${blobAt(digest)}.${UUID}.tmp`);
        for (const path of paths) await under.tree.file(path, 'half');
        expect((await under.scan({ later: 0 })).leftovers.count).toBe(0);
        const report = await under.scan();
        expect(report.leftovers).toMatchObject({ count: 2, bytes: 8 });
        expect(report.leftovers.first.toSorted()).toEqual(paths.toSorted());
        for (const path of paths) expect(await under.driver.stat(path)).toBeUndefined();
        expect(await under.inventory.blobFile(known)).toMatchObject({ size: 6 });
      });

      it('how far it has come', async () => {
        const seen: string[] = [];
        await under.scan({
          observe: ({ phase, blobs, names, candidates }) =>
            seen.push(`${phase} ${blobs} ${names} ${candidates.count} ${candidates.bytes}`),
        });
        expect(seen.at(-1)).toBe('uploads 2 1 1 6');
        expect(seen).toContain('names 2 0 1 6');
      });
    });
  },
);
