import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StorageFault } from '../../../src/application/ports/storage/storage-fault.js';
import { Digest } from '../../../src/domain/content/digest.js';
import { ON_REQUEST } from '../../../src/domain/lifecycle/grace.js';
import { MEDIA_TYPES } from '../../../src/domain/content/media-type.js';
import { parseReference } from '../../../src/domain/manifest/reference.js';
import {
  blobOf,
  newUploadId,
  NOW,
  put,
  image as pushed,
  repository,
} from '../../contract/metadata/metadata-actions.js';
import { blobAt, layerAt, revisionAt, TREE_ROOT } from '../../support/tree-in-driver.js';
import { AdoptionUnderTest } from './adoption-under-test.js';

const short = (path: string): string => path.slice(TREE_ROOT.length + 1);
const tagAt = (tag: string): string => `repositories/a/_manifests/tags/${tag}/current/link`;

/** One broken file is told and never ends the adoption; everything beside it is served. */
describe('the adoption of a damaged tree', () => {
  let under: AdoptionUnderTest;
  let config: Digest;
  let sound: Digest;

  beforeEach(async () => {
    under = await AdoptionUnderTest.open();
    config = await under.tree.layer('a', 'config');
    sound = await under.tree.image('a', config);
    await under.tree.tag('a', 'sound', sound);
  });
  afterEach(async () => {
    const entry = await find('sound');
    expect(String(entry?.digest)).toBe(sound.toString());
    await under.dispose();
  });

  const find = (reference: string) =>
    under.file.ports.manifests.find(repository('a'), parseReference(reference));
  const unreadable = () =>
    under.rows('SELECT path FROM unreadable ORDER BY path').map(({ path }) => short(String(path)));

  it.each([
    ['is of schema 1, which is not served', '{"schemaVersion":1,"name":"a","tag":"v1","fsLayers":[]}'],
    ['is not JSON', 'not JSON'],
    ['is not JSON', ''],
    ['is not JSON', '[]'],
    ['has not the schemaVersion 2', '{"schemaVersion":3,"config":{}}'],
    [
      'is of a type that is not served',
      '{"schemaVersion":2,"mediaType":"application/vnd.example+json","config":{}}',
    ],
  ])('does not serve a manifest that %s, and keeps what its repository links', async (reason, body) => {
    const digest = await under.tree.manifest('a', body);
    await under.tree.tag('a', 'v1', digest);
    await under.adopt();
    expect(await find('v1')).toBeUndefined();
    expect(await find(digest.toString())).toBeUndefined();
    const path = short(revisionAt('a', digest));
    expect(under.damage).toEqual([
      `${path} names a manifest that ${reason}`,
      `${tagAt('v1')} names a manifest that the repository does not have`,
    ]);
    expect(unreadable()).toEqual([path]);
  });

  it('serves a manifest that breaks a rule of pushes, and keeps what its repository links', async () => {
    const body = { schemaVersion: 2, mediaType: MEDIA_TYPES.dockerManifest, config: {}, layers: [] };
    const digest = await under.tree.manifest('a', body);
    await under.tree.tag('a', 'v1', digest);
    await under.adopt();
    expect(await find('v1')).toMatchObject({ mediaType: MEDIA_TYPES.dockerManifest });
    const path = short(revisionAt('a', digest));
    expect(under.damage).toEqual([
      expect.stringMatching(`^${path} names a manifest that is not understood \\(config.digest must be`),
    ]);
    expect(unreadable()).toEqual([path]);
    expect(under.rows('SELECT count(*) AS n FROM manifest WHERE incomplete = 1')).toEqual([{ n: 1 }]);
  });

  it('does not serve bytes that have another digest', async () => {
    await under.tree.file(
      blobAt(await under.tree.manifest('a', '{"schemaVersion":2}')),
      '{"schemaVersion":3}',
    );
    await under.adopt();
    expect(under.damage).toEqual([
      expect.stringMatching(/names a manifest that has bytes of another digest$/),
    ]);
    expect(unreadable()).toHaveLength(1);
  });

  it('tells of manifests whose bytes are not there, are a folder or too many', async () => {
    const [gone, folder, large] = [
      await under.tree.manifest('a', 'gone'),
      await under.tree.manifest('a', 'folder'),
      await under.tree.manifest('a', 'large'),
    ];
    await under.driver.remove(blobAt(gone));
    await under.driver.remove(blobAt(folder));
    await under.tree.file(`${blobAt(folder)}/inside`, '');
    await under.tree.file(blobAt(large), new Uint8Array(4 * 1024 * 1024 + 1));
    await under.adopt();
    expect(under.damage.toSorted()).toEqual(
      [
        `${short(revisionAt('a', gone))} names a manifest whose bytes are not there`,
        `${short(revisionAt('a', folder))} is a folder where a file should be`,
        `${short(revisionAt('a', large))} is larger than it can be`,
      ].toSorted(),
    );
    expect(unreadable()).toHaveLength(3);
  });

  it('serves a manifest that lacks a layer or a child, and marks it', async () => {
    const absent = Digest.of('sha256', Buffer.from('absent'));
    const lacking = await under.tree.image('a', config, { layers: [absent] });
    const list = await under.tree.index('a', [sound, absent]);
    await under.tree.tag('a', 'v1', lacking);
    await under.adopt();
    expect(await find('v1')).toBeDefined();
    expect(await find(list.toString())).toBeDefined();
    expect(under.damage.toSorted()).toEqual(
      [lacking, list]
        .map((digest) => short(revisionAt('a', digest)))
        .map((path) => `${path} names a manifest that references what the repository lacks`)
        .toSorted(),
    );
    expect(unreadable()).toEqual([]);
    expect(under.rows('SELECT count(*) AS n FROM manifest WHERE incomplete = 1')).toEqual([{ n: 2 }]);
  });

  it('takes the mark from a manifest that is pushed again, when everything is there', async () => {
    const manifest = pushed('other config');
    await under.tree.manifest('a', manifest.bytes.toString());
    await under.adopt();
    expect(under.rows('SELECT count(*) AS n FROM manifest WHERE incomplete = 1')).toEqual([{ n: 1 }]);
    const push = { repository: repository('a'), blob: blobOf('other config'), upload: undefined, now: NOW };
    const reservation = await under.file.ports.blobs.reserve(push);
    if (reservation.kind !== 'reserved') throw new Error(reservation.kind);
    await under.file.ports.blobs.commit(push, reservation.contentId);
    expect((await put(under.file.ports, 'a', manifest)).kind).toBe('stored');
    expect(under.rows('SELECT count(*) AS n FROM manifest WHERE incomplete = 1')).toEqual([{ n: 0 }]);
  });

  it('does not link a layer whose blob is not there', async () => {
    const absent = Digest.of('sha256', Buffer.from('absent'));
    await under.tree.layerLink('a', absent);
    await under.adopt();
    expect(await under.file.ports.blobs.find(repository('a'), absent)).toBeUndefined();
    expect(under.damage).toEqual([`${short(layerAt('a', absent))} names a blob that is not there`]);
    expect(unreadable()).toEqual([]);
  });

  it('keeps what the repository links while a link in it is damaged', async () => {
    const digest = await under.tree.layer('a', 'layer');
    await under.tree.file(layerAt('a', digest), 'sha256:');
    await under.tree.file(`${TREE_ROOT}/${tagAt('v1')}`, '');
    await under.adopt();
    expect(under.damage).toEqual([`${tagAt('v1')} is empty`, `${short(layerAt('a', digest))} is cut off`]);
    expect(unreadable()).toEqual([short(layerAt('a', digest)), tagAt('v1')]);
  });

  it('forgets what is whole again when the repository is taken over once more', async () => {
    const digest = await under.tree.layer('a', 'layer');
    await under.tree.file(layerAt('a', digest), '');
    await under.tree.file(`${TREE_ROOT}/${tagAt('v1')}`, '');
    await under.adopt();
    expect(unreadable()).toHaveLength(2);
    await under.tree.layerLink('a', digest);
    under.raw.exec('DELETE FROM adoption');
    await under.adopt();
    expect(unreadable()).toEqual([tagAt('v1')]);
    expect(await under.file.ports.blobs.find(repository('a'), digest)).toMatchObject({ size: 5 });
  });

  it('hands on what can be no repository, and goes on', async () => {
    await under.tree.layer('UPPER', 'layer');
    await under.tree.file(`${TREE_ROOT}/repositories/README`, 'text');
    expect((await under.adopt())?.counts).toMatchObject({ repositories: 2, damaged: 2 });
    expect(under.damage.toSorted()).toEqual([
      'repositories/README is a file where a folder should be',
      'repositories/UPPER is a name that no repository can have',
    ]);
  });

  it('ends when the storage fails as a whole, and can be begun again', async () => {
    const failing = new Proxy(under.driver, {
      get: (driver, key) => {
        if (key === 'stat') return () => Promise.reject(new StorageFault('too-many-open-files', 'EMFILE'));
        const value: unknown = Reflect.get(driver, key);
        return typeof value === 'function' ? value.bind(driver) : value;
      },
    });
    await expect(under.adopt({ driver: failing })).rejects.toThrow('EMFILE');
    expect((await under.adopt())?.counts).toMatchObject({ manifests: 1, tags: 1, damaged: 0 });
  });

  describe('and then a push of a blob that was adopted', () => {
    const push = { repository: repository('a'), blob: blobOf('config'), upload: newUploadId(), now: NOW };

    it('has its bytes placed, and only then they are verified', async () => {
      await under.tree.file(blobAt(config), 'cut');
      await under.adopt();
      expect(under.rows('SELECT count(*) AS n FROM content WHERE unverified = 1')).toEqual([{ n: 1 }]);
      const { blobs } = under.file.ports;
      const reservation = await blobs.reserve(push);
      if (reservation.kind !== 'reserved') throw new Error(reservation.kind);
      expect(await blobs.find(repository('a'), config)).toMatchObject({ size: 3 });
      expect(await blobs.commit(push, reservation.contentId)).toEqual([]);
      expect(await blobs.find(repository('a'), config)).toMatchObject({ size: 6 });
      expect(under.rows('SELECT count(*) AS n FROM content WHERE unverified = 1')).toEqual([{ n: 0 }]);
      expect((await blobs.reserve({ ...push, upload: undefined })).kind).toBe('adopted');
    });
  });

  it('keeps what the database knows, but lets tags follow the tree', async () => {
    const manifest = pushed('config');
    const { ports } = under.file;
    const push = { repository: repository('a'), blob: blobOf('config'), upload: undefined, now: NOW };
    const reservation = await ports.blobs.reserve(push);
    if (reservation.kind !== 'reserved') throw new Error(reservation.kind);
    await ports.blobs.commit(push, reservation.contentId);
    await put(ports, 'a', manifest, { tags: ['mine'] });
    const before = under.rows('SELECT * FROM blob_link');
    expect(under.rows('SELECT review_after FROM manifest')).toEqual([{ review_after: null }]);
    await under.tree.manifest('a', manifest.bytes.toString());
    await under.tree.tag('a', 'mine', sound);
    await under.adopt();
    expect(String((await find('mine'))?.digest)).toBe(sound.toString());
    // What the tag has left is looked at by collection.
    expect(under.rows(`SELECT count(*) AS n FROM manifest WHERE review_after < ${ON_REQUEST}`)).toEqual([
      { n: 1 },
    ]);
    expect(under.rows('SELECT * FROM blob_link')).toEqual(before);
    const { digest } = blobOf('config');
    const key = Buffer.concat([Buffer.of(1), Buffer.from(digest.hex, 'hex')]);
    const row = under.raw.prepare('SELECT unverified FROM content WHERE digest = ?').get(key);
    expect(row).toEqual({ unverified: 0 });
  });
});
