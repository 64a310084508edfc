import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ThreadedHashing } from '../../../src/infrastructure/hashing/threaded-hashing.js';
import { PieceMemory } from '../../../src/infrastructure/storage/drivers/s3/staged/piece-memory.js';
import { S3Driver } from '../../../src/infrastructure/storage/drivers/s3/s3-driver.js';
import type { Digest } from '../../../src/domain/content/digest.js';
import { OBJECT_STORE } from '../../contract/storage-under-test.js';
import { MemoryObjectStore } from '../../support/memory-object-store.js';
import { AdoptionUnderTest } from './adoption-under-test.js';

/** Requests to S3 by which a tree is taken over: what is told here is in docs/operations.md. */
describe('taking over a bucket', () => {
  let store: MemoryObjectStore;
  let under: AdoptionUnderTest;

  beforeEach(async () => {
    store = new MemoryObjectStore();
    const hashing = new ThreadedHashing();
    const driver = new S3Driver(store, hashing, new PieceMemory(), { rootDirectory: 'registry' });
    under = await AdoptionUnderTest.open(async () => ({
      driver,
      traits: OBJECT_STORE,
      dispose: () => hashing.close(),
    }));
  });
  afterEach(() => under.dispose());

  /** An image of three layers, one of which each image has. */
  async function image(repository: string, note: string): Promise<Digest> {
    const { tree } = under;
    const layers = [await tree.layer(repository, 'base'), await tree.layer(repository, `layer ${note}`)];
    const config = await tree.layer(repository, `config ${note}`);
    return tree.image(repository, config, { layers, note });
  }

  async function requests(): Promise<Readonly<Record<string, number>>> {
    store.resetCounts();
    await under.adopt();
    return Object.fromEntries(store.requests);
  }

  it('is one look for each folder of a name, one for each repository, one for all blobs, and a GET for each manifest', async () => {
    let manifests = 0;
    for (let at = 0; at < 10; at += 1) {
      const name = `team/app-${at}`;
      const children = [await image(name, `${at} a`), await image(name, `${at} b`)];
      const index = await under.tree.index(name, children, name);
      manifests += 3;
      for (const tag of ['v1', 'v2', 'latest']) await under.tree.tag(name, tag, index);
      // Its history has both, and the link is one of them.
      await under.tree.tag(name, 'moved', children[0] ?? index);
      await under.tree.tag(name, 'moved', index);
    }
    // Folders: the root, team, and 10 names. The last two list what lies in a repository, and all blobs.
    expect(await requests()).toEqual({ list: 12 + 10 + 1, get: manifests });
    expect(under.damage).toEqual([]);
    expect(under.rows('SELECT count(*) AS count FROM tag')).toEqual([{ count: 40 }]);
  });

  it('is a look for each thousand links and blobs of a large repository, and none for each', async () => {
    const { tree } = under;
    for (let at = 0; at < 2_500; at += 1) await tree.layer('large', `layer ${at}`);
    const digest = await image('large', 'one');
    for (let at = 0; at < 1_200; at += 1) await tree.tag('large', `v${at}`, digest);
    const { list = 0, ...others } = await requests();
    expect(others).toEqual({ get: 1 });
    // 2 for names; one that shows that it is large; tags with their history 3, manifests 1, layers 3; blobs 3.
    expect(list).toBe(2 + 1 + 3 + 1 + 3 + 3);
    expect(under.rows('SELECT count(*) AS count FROM tag')).toEqual([{ count: 1_200 }]);
  });

  it('reads a tag once whose history does not tell it, a type that is noted, and what is another digest than it should', async () => {
    const digest = await image('a', 'one');
    const other = await under.tree.layer('a', 'other');
    await under.tree.file(
      'docker/registry/v2/repositories/a/_manifests/tags/v1/current/link',
      digest.toString(),
    );
    const folder = `docker/registry/v2/repositories/a/_manifests/revisions/sha256/${digest.hex}`;
    await under.tree.file(`${folder}/stowage.json`, '{"mediaType":"application/vnd.example.v1+json"}');
    await under.tree.file(
      `docker/registry/v2/repositories/a/_layers/sha256/${other.hex}/link`,
      digest.toString(),
    );
    expect(await requests()).toEqual({ list: 2 + 1 + 1, get: 1 + 1 + 1 + 1 });
    expect(under.damage).toEqual([
      `repositories/a/_layers/sha256/${other.hex}/link names another digest than its folder`,
    ]);
  });

  it('asks by itself for a blob that no listing has told', async () => {
    const missing = await under.tree.layer('a', 'missing');
    await under.driver.remove(
      `docker/registry/v2/blobs/sha256/${missing.hex.slice(0, 2)}/${missing.hex}/data`,
    );
    await image('a', 'one');
    const { head, list, get } = await requests();
    // A HEAD, and looks for pieces and for a folder of that name.
    expect({ head, list, get }).toEqual({ head: 1, list: 2 + 1 + 1 + 2, get: 1 });
    expect(under.damage).toEqual([
      `repositories/a/_layers/sha256/${missing.hex}/link names a blob that is not there`,
    ]);
  });
});
