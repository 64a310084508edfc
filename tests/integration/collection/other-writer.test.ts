import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileListing } from '../../../src/application/ports/storage/file-listing.js';
import { StorageFault } from '../../../src/application/ports/storage/storage-fault.js';
import type { StorageDriver } from '../../../src/application/ports/storage/storage-driver.js';
import { Digest } from '../../../src/domain/content/digest.js';
import { blobOf, DAY, image, repository } from '../../contract/metadata/metadata-actions.js';
import { filesystemUnderTest, modelOfS3UnderTest } from '../../contract/storage-under-test.js';
import { GRACE } from '../../support/fakes.js';
import { blobAt, layerAt, revisionAt } from '../../support/tree-in-driver.js';
import { SharedTree, type OurProcess } from './shared-tree.js';

const LAYER = blobOf('layer').digest;

describe.each([['in folders', filesystemUnderTest] as const, ['in a bucket', modelOfS3UnderTest] as const])(
  'collection %s into which another registry writes',
  (_where, make) => {
    let tree: SharedTree;
    let ours: OurProcess;
    beforeEach(async () => {
      tree = await SharedTree.open(make);
      ours = await tree.start();
    });
    afterEach(() => tree.dispose());

    const isThere = async (path: string) => (await tree.driver.stat(path)) !== undefined;

    /** An image of ours that was deleted: its layer is garbage as far as we know. */
    async function pushAndDelete(name = 'team/app'): Promise<void> {
      const digest = await ours.pushImage(name, 'config', 'layer', ['v1']);
      await ours.deleteManifest(name, digest);
      await ours.names.flush();
    }

    async function foreignImage(name = 'team/app', note = 'foreign'): Promise<Digest> {
      const config = await tree.reference.layer(name, `config of ${note}`);
      return tree.reference.image(name, config, { layers: [LAYER], note });
    }

    it('removes what nothing needs while nobody else writes', async () => {
      await pushAndDelete();
      const { suspended, links, blobs } = await ours.collect();
      expect({ suspended, links, blobs: blobs.count }).toEqual({ suspended: undefined, links: 2, blobs: 3 });
      expect(await isThere(blobAt(LAYER))).toBe(false);
    });

    it('removes nothing that an image needs which the other has pushed', async () => {
      await pushAndDelete();
      const digest = await foreignImage();
      const { suspended, links, blobs } = await ours.collect();
      expect(suspended).toContain(`team/app revision ${digest.toString()} is in it and was not written by`);
      expect({ links, blobs: blobs.count }).toEqual({ links: 0, blobs: 0 });
      for (const path of [blobAt(LAYER), layerAt('team/app', LAYER), blobAt(digest)]) {
        expect(await isThere(path)).toBe(true);
      }
    });

    it('finds it although we have written into the repository since', async () => {
      await pushAndDelete();
      await foreignImage();
      await ours.pushImage('team/app', 'later', 'other layer', ['v2']);
      await ours.names.flush();
      expect((await ours.collect()).suspended).toContain('another registry writes into this folder');
    });

    it('finds it although the repository was looked at before', async () => {
      await pushAndDelete();
      await ours.collect();
      await pushAndDelete();
      await foreignImage();
      expect((await ours.collect()).suspended).toContain('another registry writes into this folder');
      expect(await isThere(blobAt(LAYER))).toBe(true);
    });

    it('finds it when the other gives a tag back to a manifest that we have deleted', async () => {
      const digest = await ours.pushImage('team/app', 'config', 'layer', ['latest']);
      await ours.pushImage('team/app', 'config', 'second layer', ['latest']);
      await ours.collect(true);
      await ours.pushBlob('team/app', 'layer');
      await tree.reference.file(blobAt(digest), image('config', { layers: ['layer'] }).bytes);
      await tree.reference.file(revisionAt('team/app', digest), digest.toString());
      await tree.reference.tag('team/app', 'latest', digest);
      expect((await ours.collect()).suspended).toContain(`team/app revision ${digest.toString()}`);
      expect(await isThere(blobAt(LAYER))).toBe(true);
    });

    it.each([
      ['a new tag', 'kept', 'kept'],
      ['a tag that moved', 'v1', 'v1'],
    ])('keeps an untagged manifest that the other has given %s', async (_what, name, found) => {
      const first = await ours.pushImage('team/app', 'config', 'layer', ['v1']);
      await ours.pushImage('team/app', 'config', 'second layer', ['v1']);
      await ours.names.flush();
      await tree.reference.tag('team/app', name, first);
      const report = await ours.collect(true);
      expect(report.suspended).toContain(`team/app tag ${found} is in it`);
      expect(report.manifests.count).toBe(0);
      expect(await ours.ports.manifests.find(repository('team/app'), first)).toBeDefined();
    });

    it('lets the next start compare everything, whatever we have flushed since', async () => {
      await pushAndDelete();
      await foreignImage();
      await ours.ownership.noteCompared();
      await ours.collect();
      await ours.pushImage('team/app', 'later', 'other layer', ['v2']);
      await ours.names.flush();
      expect(await (await tree.start()).ownership.comparedUntil()).toBe('nothing');
    });

    it('goes on where the other has written only what we have too', async () => {
      await pushAndDelete();
      const digest = await ours.pushImage('team/app', 'kept', 'kept layer', ['v2']);
      await ours.names.flush();
      await tree.reference.file(revisionAt('team/app', digest), digest.toString());
      await tree.reference.tag('team/app', 'v2', digest);
      const { suspended, blobs } = await ours.collect(true);
      expect({ suspended, blobs: blobs.count }).toEqual({ suspended: undefined, blobs: 3 });
    });

    it('goes on beside what can not be served, which a start leaves where it is too', async () => {
      await pushAndDelete();
      const missing = Digest.of('sha256', Buffer.from('not there'));
      await tree.reference.file(revisionAt('team/app', missing), missing.toString());
      await tree.reference.tag('team/app', 'broken', missing);
      await tree.reference.manifest('team/app', 'no manifest');
      const elsewhere = await tree.reference.blob(Buffer.from(image('elsewhere').bytes).toString());
      await tree.reference.file(revisionAt('team/app', elsewhere), missing.toString());
      await tree.reference.file(layerAt('team/app', LAYER), missing.toString());
      const { suspended, blobs } = await ours.collect();
      expect({ suspended, blobs: blobs.count }).toEqual({ suspended: undefined, blobs: 3 });
    });

    it('looks at no repository from which nothing goes, and at one that is as it was only once', async () => {
      const seen: string[] = [];
      const watched = await tree.start(seeing(tree.driver, seen));
      await pushAndDelete();
      await ours.pushImage('quiet', 'kept', 'kept layer', ['v1']);
      await ours.pushBlob('quiet', 'layer');
      await ours.names.flush();
      await foreignImage('quiet/foreign');
      expect((await watched.collect()).suspended).toBeUndefined();
      const ofManifests = seen.filter((path) => path.includes('/_manifests'));
      expect(ofManifests.filter((path) => path.includes('repositories/team/app/'))).not.toEqual([]);
      expect(ofManifests.filter((path) => path.includes('quiet/foreign'))).toEqual([]);
    });

    it('removes nothing from a repository that it can not look at, and goes on with the others', async () => {
      await pushAndDelete('broken');
      await ours.pushImage('whole', 'its config', 'its layer', ['v1']);
      await ours.deleteTag('whole', 'v1');
      await ours.names.flush();
      const collecting = await tree.start(failing(tree.driver, 'list', 'repositories/broken/'));
      const { suspended, manifests } = await collecting.collect(true);
      expect({ suspended, manifests: manifests.count }).toEqual({ suspended: undefined, manifests: 1 });
      expect(await isThere(layerAt('broken', LAYER))).toBe(true);
      expect(await isThere(blobAt(LAYER))).toBe(true);
      expect(collecting.logger.lines.map(({ fields }) => fields['repository'])).toContain('broken');
    });

    it.each([
      ['a manifest', (digest: Digest) => revisionAt('team/app', digest), 'revision'],
      ['a blob', (digest: Digest) => layerAt('team/app', digest), 'layer'],
    ] as const)(
      'keeps the bytes of %s that a client has deleted and the other has linked again',
      async (...row) => {
        const [, linkAt, kind] = row;
        const pushed = await ours.pushImage('team/app', 'config', 'layer', ['v1']);
        const blob = await ours.pushBlob('team/app', 'loose');
        // Reservations of the pushes are over.
        tree.clock.advance(2 * DAY);
        await ours.deleteManifest('team/app', pushed);
        await ours.deleteBlob('team/app', blob);
        await ours.names.flush();
        const again = kind === 'revision' ? pushed : blob;
        await tree.reference.file(linkAt(again), again.toString());
        // Only what has no grace of its own: the bytes.
        expect((await ours.collect(false, GRACE)).suspended).toContain(
          `team/app ${kind} ${again.toString()}`,
        );
        for (const digest of [pushed, blob]) expect(await isThere(blobAt(digest))).toBe(true);
      },
    );

    it('finds it beside a tag that can not be looked at', async () => {
      await pushAndDelete();
      const collecting = await tree.start(failing(tree.driver, 'survey', 'repositories/team/app/'));
      expect((await collecting.collect()).links).toBe(2);
      await pushAndDelete();
      await foreignImage();
      expect((await collecting.collect()).suspended).toContain('another registry writes into this folder');
    });

    it('does not take for foreign what we could not take out of the folder yet', async () => {
      let isFull = true;
      const name = 'team/app';
      const stuck = await tree.start(failing(tree.driver, 'removeWithFolder', '/_manifests/', () => isFull));
      const digest = await stuck.pushImage(name, 'config', 'layer', ['v1']);
      await stuck.names.flush();
      await stuck.deleteManifest(name, digest);
      expect(await isThere(revisionAt(name, digest))).toBe(true);
      expect((await stuck.collect(true)).suspended).toBeUndefined();
      expect((await ours.collect(true)).suspended).toBeUndefined();
      isFull = false;
    });
  },
);

/** The same driver, and which paths were asked for. */
function seeing(driver: StorageDriver, seen: string[]): StorageDriver {
  return proxied(driver, (_method, path) => {
    seen.push(path);
  });
}

/** The same driver, on which one method fails below a path. */
function failing(
  driver: StorageDriver,
  failed: keyof StorageDriver,
  below: string,
  isFailing = () => true,
): StorageDriver {
  return proxied(driver, (method, path) => {
    if (method === failed && path.includes(below) && isFailing()) {
      throw new StorageFault('broken', `cannot ${method} ${path}: EIO`);
    }
  });
}

function proxied(driver: StorageDriver, before: (method: string, path: string) => void): StorageDriver {
  return new Proxy(driver, {
    get(target, method): unknown {
      const member: unknown = Reflect.get(target, method, target);
      if (method === 'listing') return target.listing && proxiedListing(target.listing, before);
      if (typeof member !== 'function') return member;
      return async (...given: readonly unknown[]): Promise<unknown> => {
        for (const path of [given[0]].flat()) if (typeof path === 'string') before(String(method), path);
        return Reflect.apply(member, target, given) as unknown;
      };
    },
  });
}

/** What lists files counts as `list`. */
function proxiedListing(listing: FileListing, before: (method: string, path: string) => void): FileListing {
  return {
    async *pages(prefix, after) {
      before('list', prefix);
      yield* listing.pages(prefix, after);
    },
  };
}
