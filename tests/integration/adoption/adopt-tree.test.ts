import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STORAGES } from '../../contract/storage-under-test.js';
import { ON_REQUEST } from '../../../src/domain/lifecycle/grace.js';
import { MEDIA_TYPES } from '../../../src/domain/content/media-type.js';
import { Digest } from '../../../src/domain/content/digest.js';
import { parseReference } from '../../../src/domain/manifest/reference.js';
import { repository } from '../../contract/metadata/metadata-actions.js';
import { revisionAt } from '../../support/tree-in-driver.js';
import { AdoptionUnderTest } from './adoption-under-test.js';

/** What the reference registry has written becomes what the database says. */
describe.each(STORAGES)('the adoption of a whole tree %s', (_where, make) => {
  let under: AdoptionUnderTest;
  beforeEach(async () => {
    under = await AdoptionUnderTest.open(make);
  });
  afterEach(() => under.dispose());

  const find = (name: string, reference: string) =>
    under.file.ports.manifests.find(repository(name), parseReference(reference));

  /** A repository with an image of two layers under a tag. */
  async function image(name: string, tag = 'v1'): Promise<Digest> {
    const config = await under.tree.layer(name, `config of ${name}`);
    const layers = [await under.tree.layer(name, 'base'), await under.tree.layer(name, `layer of ${name}`)];
    const digest = await under.tree.image(name, config, { layers, note: name });
    await under.tree.tag(name, tag, digest);
    return digest;
  }

  it('costs nothing where nothing is, and is done once', async () => {
    const none = { repositories: 0, blobs: 0, links: 0, manifests: 0, tags: 0, damaged: 0 };
    expect(await under.adopt()).toEqual({ counts: none, resumed: false });
    await image('a');
    expect(await under.adopt()).toBeUndefined();
    expect(await find('a', 'v1')).toBeUndefined();
    expect(under.claims).toEqual(['claimed']);
  });

  it('takes over tags, manifests, blobs and the catalog', async () => {
    const digest = await image('team/app');
    await image('team/app-2');
    await image('team/app/worker');
    const report = await under.adopt();
    expect(report?.counts).toEqual({
      repositories: 3,
      blobs: 7,
      links: 9,
      manifests: 3,
      tags: 3,
      damaged: 0,
    });
    expect(under.damage).toEqual([]);
    const { catalog, tags, blobs } = under.file.ports;
    const page = { after: undefined, limit: 10 };
    expect(await catalog.page(page)).toEqual(['team/app', 'team/app-2', 'team/app/worker']);
    expect(await tags.page(repository('team/app'), page)).toEqual(['v1']);
    const entry = await find('team/app', 'v1');
    expect(String(entry?.digest)).toBe(digest.toString());
    expect(entry?.mediaType).toBe(MEDIA_TYPES.ociManifest);
    const layer = Digest.of('sha256', Buffer.from('base'));
    expect(await blobs.find(repository('team/app'), layer)).toEqual({ size: 4, reviewAfter: ON_REQUEST });
  });

  it('lets the references hold what they name', async () => {
    await image('a');
    await under.adopt();
    const layer = Digest.of('sha256', Buffer.from('base'));
    const outcome = await under.file.ports.blobs.unlink(repository('a'), layer, 1);
    expect(outcome.kind).toBe('referenced');
  });

  it('takes over indexes, whatever the order of their digests, and indexes of indexes', async () => {
    const children = [await image('a'), await image('a', 'v2')];
    const inner = await under.tree.index('a', children);
    const outer = await under.tree.index('a', [inner]);
    await under.tree.tag('a', 'all', outer);
    expect((await under.adopt())?.counts).toMatchObject({ manifests: 3, tags: 3, damaged: 0 });
    for (const child of [children[0], inner]) {
      if (child === undefined) throw new Error('no child');
      const outcome = await under.file.ports.manifests.delete(repository('a'), child, 1);
      expect(outcome.kind).toBe('listed');
    }
    expect(under.rows('SELECT incomplete FROM manifest WHERE incomplete <> 0')).toEqual([]);
  });

  it('takes over more indexes that list one another than one transaction holds', async () => {
    const config = await under.tree.layer('a', 'config');
    let last = await under.tree.image('a', config);
    for (let depth = 0; depth < 1_200; depth += 1) last = await under.tree.index('a', [last], String(depth));
    const report = await under.adopt();
    expect(report?.counts).toMatchObject({ manifests: 1_201, damaged: 0 });
    expect(under.rows('SELECT count(*) AS n FROM manifest_child')).toEqual([{ n: 1_200 }]);
    expect(under.rows('SELECT incomplete FROM manifest WHERE incomplete <> 0')).toEqual([]);
  });

  it('takes over referrers with their types', async () => {
    const subject = await image('a');
    const config = await under.tree.layer('a', '{}');
    const referrer = await under.tree.image('a', config, { subject, artifactType: 'application/vnd.sbom' });
    await under.adopt();
    const page = await under.file.ports.referrers.page({
      repository: repository('a'),
      subject,
      artifactTypes: ['application/vnd.sbom'],
      after: undefined,
      limit: 10,
    });
    expect(page?.map(({ digest }) => digest.toString())).toEqual([referrer.toString()]);
  });

  it('takes the type that the body names, the one that a push declared, or that of its kind', async () => {
    const config = await under.tree.layer('a', 'config');
    const docker = await under.tree.image('a', config, { mediaType: MEDIA_TYPES.dockerManifest });
    const declared = await under.tree.image('a', config, { mediaType: undefined, note: 'declared' });
    await under.tree.file(
      revisionAt('a', declared).replace(/link$/, 'stowage.json'),
      JSON.stringify({ mediaType: MEDIA_TYPES.dockerManifest }),
    );
    const untold = await under.tree.image('a', config, { mediaType: undefined, note: 'untold' });
    const list = await under.tree.manifest('a', { schemaVersion: 2, manifests: [] });
    await under.adopt();
    const types = [docker, declared, untold, list].map(async (digest) => find('a', digest.toString()));
    expect((await Promise.all(types)).map((entry) => entry?.mediaType)).toEqual([
      MEDIA_TYPES.dockerManifest,
      MEDIA_TYPES.dockerManifest,
      MEDIA_TYPES.ociManifest,
      MEDIA_TYPES.ociIndex,
    ]);
  });

  it('takes over sha512', async () => {
    const manifest = await under.tree.manifest('a', { schemaVersion: 2, manifests: [] }, 'sha512');
    const layer = await under.tree.blob('long', 'sha512');
    await under.tree.layerLink('a', layer);
    await under.tree.tag('a', 'v1', manifest);
    expect((await under.adopt())?.counts).toMatchObject({ blobs: 1, manifests: 1, tags: 1, damaged: 0 });
    expect(String((await find('a', 'v1'))?.digest)).toBe(manifest.toString());
  });

  it('leaves nothing due for collection and nothing to be written', async () => {
    await image('a');
    await under.adopt();
    for (const table of ['content', 'blob_link', 'manifest']) {
      expect(under.rows(`SELECT review_after FROM ${table} WHERE review_after < ${ON_REQUEST}`)).toEqual([]);
    }
    expect(under.rows('SELECT * FROM journal')).toEqual([]);
    expect(under.rows('SELECT state, unverified, count(*) AS n FROM content GROUP BY 1, 2')).toEqual([
      { state: 1, unverified: 0, n: 1 },
      { state: 1, unverified: 1, n: 3 },
    ]);
  });

  it('gives every repository of a large one once, in pieces', async () => {
    const config = await under.tree.layer('a', 'config');
    const digest = await under.tree.image('a', config);
    for (let at = 0; at < 2_500; at += 1) {
      await under.tree.tag('a', `v${at}`, digest);
      await under.tree.layer('a', `layer ${at}`);
    }
    const { counts } = (await under.adopt()) ?? {};
    expect(counts).toMatchObject({ repositories: 1, blobs: 2_501, links: 2_501, manifests: 1, tags: 2_500 });
  });

  describe('that is stopped', () => {
    const NAMES = Array.from({ length: 200 }, (_, at) => `r${String(at).padStart(3, '0')}`);
    beforeEach(async () => {
      for (const name of NAMES) await image(name);
    });

    it('goes on behind what was finished', async () => {
      await expect(under.adopt({ stopAfter: 130 })).rejects.toThrow('stopped');
      const [{ last_repository: last } = {}] = under.rows('SELECT last_repository FROM adoption');
      expect(last).toBe('r127');
      expect(under.claims).toEqual([]);
      const looked: string[] = [];
      const watching = new Proxy(under.driver, {
        get: (driver, key) => {
          const value: unknown = Reflect.get(driver, key);
          if (typeof value !== 'function') return value;
          return (path: string, ...others: unknown[]) => {
            looked.push(path);
            return value.call(driver, path, ...others);
          };
        },
      });
      const report = await under.adopt({ driver: watching });
      expect(report?.resumed).toBe(true);
      expect(report?.counts.repositories).toBe(72);
      expect(looked.filter((path) => path.includes('repositories/r127/_'))).toEqual([]);
      const names = await under.file.ports.catalog.page({ after: undefined, limit: 1_000 });
      expect(names).toEqual(NAMES);
      for (const name of NAMES) expect(await find(name, 'v1')).toBeDefined();
      expect(under.claims).toEqual(['claimed']);
    });

    it('ends where it stands, with nothing in flight', async () => {
      await expect(under.adopt({ stopAfter: 3 })).rejects.toThrow('stopped');
      const count = () => under.rows('SELECT count(*) AS n FROM content');
      const before = count();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(count()).toEqual(before);
    });
  });
});
