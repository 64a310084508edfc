import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NameChange } from '../../../src/application/ports/metadata/name-journal.js';
import { MEDIA_TYPES } from '../../../src/domain/content/media-type.js';
import type { Manifest } from '../../../src/domain/manifest/manifest.js';
import { parseManifest } from '../../../src/domain/manifest/parse-manifest.js';
import { keyOfName } from '../../../src/domain/repository/linked-name.js';
import {
  beginPush,
  blobOf,
  image,
  index,
  NOW,
  pushBlob,
  pushImage,
  put,
  repository,
  tag,
} from './metadata-actions.js';
import type { MetadataUnderTest, OpenMetadata } from './metadata-under-test.js';

const keys = (changes: readonly NameChange[] | undefined) => changes?.map(({ name }) => keyOfName(name));

/** Which changes of names a transaction notes, and what the journal says of a name. */
export function nameJournalContract(adapter: string, open: OpenMetadata): void {
  describe(`NameJournal on ${adapter}`, () => {
    let ports: MetadataUnderTest;
    const name = repository('a');
    beforeEach(async () => {
      ports = await open();
    });
    afterEach(() => ports.dispose());

    const value = (kind: 'layer' | 'revision', digest = blobOf('x').digest) =>
      ports.journal.value({ kind, repository: name, digest });
    const target = async (tagName: string) => {
      const found = await ports.journal.value({ kind: 'tag', repository: name, tag: tag(tagName) });
      return found?.target.toString();
    };

    /** @returns its change, and the content that its bytes are placed of */
    const storeBlob = async (into: string, content: string) => {
      const stored = await ports.blobs.store(await beginPush(ports, into, content), Buffer.from(content));
      const [change] = stored.kind === 'condemned' ? [] : stored.changes;
      if (change === undefined) throw new Error(stored.kind);
      return [change, (await ports.journal.waiting(blobOf(content).digest))?.contentId] as const;
    };

    it('notes a blob when its link is made, and not when it was there', async () => {
      const push = await beginPush(ports, 'a', 'x');
      const reservation = await ports.blobs.reserve(push);
      if (reservation.kind !== 'reserved') throw new Error(reservation.kind);
      const layer = `a layer ${push.blob.digest.toString()}`;
      expect(keys(await ports.blobs.commit(push, reservation.contentId))).toEqual([layer]);
      expect(keys(await ports.blobs.commit(push, reservation.contentId))).toEqual([]);
      expect(await value('layer')).toEqual({ target: push.blob.digest });
    });

    it('keeps the bytes of a small blob until they are placed', async () => {
      const { digest } = blobOf('x');
      const [change] = await storeBlob('a', 'x');
      const waiting = await ports.journal.waiting(digest);
      expect(Buffer.from(waiting?.bytes ?? []).toString()).toBe('x');
      await ports.journal.forget([{ id: change.id, placed: undefined }]);
      expect(await ports.journal.waiting(digest)).toEqual(waiting);
      await ports.journal.forget([{ id: change.id, placed: waiting?.contentId }]);
      expect(await ports.journal.waiting(digest)).toBeUndefined();
      expect(await value('layer')).toEqual({ target: digest });
    });

    it('keeps them as long as another process may put a file over the one that was placed', async () => {
      const { digest } = blobOf('x');
      const [first, placed] = await storeBlob('a', 'x');
      const second = await storeBlob('b', 'x');
      await ports.journal.forget([{ id: second[0].id, placed }]);
      expect(await ports.journal.waiting(digest)).toBeDefined();
      await ports.journal.forget([{ id: first.id, placed }]);
      expect(await ports.journal.waiting(digest)).toBeUndefined();
    });

    it('lets nothing wait of a blob that is placed before its rows are written', async () => {
      await pushBlob(ports, 'a', 'x');
      expect(await ports.journal.waiting(blobOf('x').digest)).toBeUndefined();
    });

    const stand = (changes: readonly NameChange[]) =>
      Promise.all(changes.map((change) => ports.journal.stands(change)));

    it('tells whether what was made of a blob stands, whoever else has it', async () => {
      const [change] = await storeBlob('a', 'x');
      await storeBlob('b', 'x');
      expect(change.given).toEqual({ target: blobOf('x').digest });
      expect(await stand([change])).toEqual([true]);
      const unlinked = await ports.blobs.unlink(name, blobOf('x').digest, NOW);
      if (unlinked.kind !== 'unlinked') throw new Error(unlinked.kind);
      expect(unlinked.changes.map(({ given }) => given)).toEqual([undefined]);
      expect(await stand([change, ...unlinked.changes])).toEqual([false, true]);
      await storeBlob('a', 'x');
      expect(await stand(unlinked.changes)).toEqual([false]);
    });

    it('tells whether what was made of a manifest and its tag stands', async () => {
      const pushed = async (manifest: Manifest) => {
        const outcome = await put(ports, 'a', manifest, { tags: ['v1'] });
        return outcome.kind === 'stored' ? outcome.changes : [];
      };
      const [one, other] = [index([], 'one'), index([], 'other')];
      const first = await pushed(one);
      expect(first.map(({ given }) => given?.target.toString())).toEqual(
        first.map(() => one.digest.toString()),
      );
      expect(await stand(first)).toEqual([true, true]);
      const second = await pushed(other);
      expect(await stand([...first, ...second])).toEqual([true, false, true, true]);
      const deleted = await ports.manifests.delete(name, other.digest, NOW);
      if (deleted.kind !== 'deleted') throw new Error(deleted.kind);
      expect(await stand([...second, ...deleted.changes])).toEqual([false, false, true, true]);
      await pushed(other);
      expect(await stand([...second, ...deleted.changes])).toEqual([true, true, false, false]);
    });

    it('tells that a manifest was pushed again under another media type', async () => {
      await pushBlob(ports, 'a', 'config');
      const bytes = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          config: { digest: blobOf('config').digest.toString(), size: 6, mediaType: 'application/x' },
          layers: [],
        }),
      );
      const changes: NameChange[] = [];
      for (const mediaType of [MEDIA_TYPES.ociManifest, MEDIA_TYPES.dockerManifest]) {
        const outcome = await put(ports, 'a', parseManifest(bytes, mediaType));
        if (outcome.kind === 'stored') changes.push(...outcome.changes);
      }
      expect(await stand(changes)).toEqual([false, true]);
    });

    it('has a name as long as the database does, and waits for it until its rows are gone', async () => {
      const manifest = await pushImage(ports, 'a', 'config', { tags: ['v1'] });
      const names = [
        { kind: 'layer', repository: name, digest: blobOf('config').digest },
        { kind: 'revision', repository: name, digest: manifest.digest },
        { kind: 'tag', repository: name, tag: tag('v1') },
      ] as const;
      const state = () =>
        Promise.all(
          names.map(async (each) => [await ports.journal.has(each), await ports.journal.isPending(each)]),
        );
      expect(await state()).toEqual(names.map(() => [true, true]));
      await ports.journal.forget([1, 2, 3, 4, 5].map((id) => ({ id })));
      expect(await state()).toEqual(names.map(() => [true, false]));
      const deleted = await ports.manifests.delete(name, manifest.digest, NOW);
      const unlinked = await ports.blobs.unlink(name, blobOf('config').digest, NOW);
      expect(await state()).toEqual(names.map(() => [false, true]));
      if (deleted.kind !== 'deleted' || unlinked.kind !== 'unlinked') throw new Error('not deleted');
      await ports.journal.forget([...deleted.changes, ...unlinked.changes]);
      expect(await state()).toEqual(names.map(() => [false, false]));
    });

    it('waits for a name of one repository, and not for its namesakes', async () => {
      const manifest = await pushImage(ports, 'a', 'config', { tags: ['v1'] });
      await ports.journal.forget([1, 2, 3, 4, 5].map((id) => ({ id })));
      await pushImage(ports, 'b', 'config', { tags: ['v1'] });
      const { digest } = manifest;
      expect(await ports.journal.isPending({ kind: 'revision', repository: name, digest })).toBe(false);
      expect(await ports.journal.isPending({ kind: 'layer', repository: repository('b'), digest })).toBe(
        false,
      );
      expect(await ports.journal.isPending({ kind: 'revision', repository: repository('b'), digest })).toBe(
        true,
      );
    });

    it('notes a blob that is adopted, mounted or unlinked', async () => {
      const digest = await pushBlob(ports, 'a', 'x');
      const adopted = await ports.blobs.reserve(await beginPush(ports, 'b', 'x'));
      expect(adopted).toMatchObject({ kind: 'adopted', changes: [{ name: { kind: 'layer', digest } }] });
      const mount = { mayUse: () => true, digest, source: name, target: repository('c'), now: NOW };
      expect(keys(await ports.blobs.mount(mount))).toEqual([`c layer ${digest.toString()}`]);
      const unlinked = await ports.blobs.unlink(name, digest, NOW);
      expect(unlinked).toMatchObject({ kind: 'unlinked', changes: [{ name: { kind: 'layer', digest } }] });
      expect(await value('layer')).toBeUndefined();
    });

    it('notes a manifest before its tags, with the bytes and the media type that were pushed', async () => {
      await pushBlob(ports, 'a', 'config');
      const manifest = image('config');
      const outcome = await put(ports, 'a', manifest, { tags: ['v1', 'v2'] });
      if (outcome.kind !== 'stored') throw new Error(outcome.kind);
      const digest = manifest.digest.toString();
      expect(keys(outcome.changes)).toEqual([`a revision ${digest}`, 'a tag v1', 'a tag v2']);
      const found = await value('revision', manifest.digest);
      expect(found?.target.toString()).toBe(digest);
      expect(Buffer.from(found?.manifest?.bytes ?? []).equals(manifest.bytes)).toBe(true);
      expect(found?.manifest?.mediaType).toBe(manifest.mediaType);
      expect(await target('v2')).toBe(digest);
    });

    it('notes nothing of a manifest that is pushed again, and only the tags that move', async () => {
      const manifest = await pushImage(ports, 'a', 'config', { tags: ['v1'] });
      const again = await put(ports, 'a', manifest, { tags: ['v1', 'v2'] });
      expect(again.kind === 'stored' && keys(again.changes)).toEqual(['a tag v2']);
    });

    it('notes the tags of a manifest that is deleted before the manifest', async () => {
      const manifest = await pushImage(ports, 'a', 'config', { tags: ['v1', 'v2'] });
      const outcome = await ports.manifests.delete(name, manifest.digest, NOW);
      if (outcome.kind !== 'deleted') throw new Error(outcome.kind);
      const revision = `a revision ${manifest.digest.toString()}`;
      expect(keys(outcome.changes)).toEqual(['a tag v1', 'a tag v2', revision]);
      expect(await value('revision', manifest.digest)).toBeUndefined();
      expect(await target('v1')).toBeUndefined();
    });

    it('notes a tag that is deleted alone', async () => {
      await pushImage(ports, 'a', 'config', { tags: ['v1', 'v2'] });
      expect(keys(await ports.tags.delete(name, tag('v1'), NOW))).toEqual(['a tag v1']);
      expect(await ports.tags.delete(name, tag('v1'), NOW)).toBeUndefined();
      expect(await target('v1')).toBeUndefined();
      expect(await target('v2')).toBeDefined();
    });

    it('gives later changes higher numbers', async () => {
      const first = await pushImage(ports, 'a', 'one', { tags: ['v1'] });
      const second = index([first.digest]);
      const outcomes = [
        await put(ports, 'a', second, { tags: ['v1'] }),
        await put(ports, 'a', first, { tags: ['v1'] }),
      ];
      const ids = outcomes
        .flatMap((each) => (each.kind === 'stored' ? each.changes : []))
        .map(({ id }) => id);
      expect(ids).toHaveLength(3);
      expect(ids.toSorted((one, other) => one - other)).toEqual(ids);
    });

    it('calls no change abandoned that this process has made', async () => {
      await pushImage(ports, 'a', 'config', { tags: ['v1'] });
      expect(await ports.journal.abandoned(0, 10)).toEqual([]);
    });
  });
}
