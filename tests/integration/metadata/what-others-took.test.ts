import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteContentRegister } from '../../../src/infrastructure/metadata/sqlite/sqlite-content-register.js';
import { SqliteReferenceTakeover } from '../../../src/infrastructure/metadata/sqlite/sqlite-reference-takeover.js';
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
} from '../../contract/metadata/metadata-actions.js';
import { openDatabaseFile, scalar, type DatabaseFile } from './database-file.js';

/** What the database makes of blobs and manifests that another program has taken out of the tree. */
describe('after another program', () => {
  let file: DatabaseFile;
  const name = repository('a');
  const layer = blobOf('layer').digest;

  beforeEach(async () => {
    file = await openDatabaseFile();
  });
  afterEach(() => file.dispose());

  const incomplete = () => scalar(file.raw, 'SELECT count(*) FROM manifest WHERE incomplete = 1');

  describe('collected the bytes of a blob', () => {
    async function lose(): Promise<void> {
      const register = new SqliteContentRegister(file.database);
      const folder = { algorithm: layer.algorithm, prefix: layer.hex.slice(0, 2) };
      const found = await register.present(folder, undefined, 10);
      expect(found.map(({ digest }) => String(digest))).toContain(String(layer));
      await register.lose(found.filter(({ digest }) => digest.equals(layer)).map(({ id }) => id));
    }

    it('nobody is told that he need not push it', async () => {
      await pushBlob(file.ports, 'a', 'layer');
      await lose();
      expect(await file.ports.blobs.find(name, layer)).toBeUndefined();
      const mount = {
        mayUse: () => true,
        digest: layer,
        source: 'anywhere',
        target: repository('b'),
        now: NOW,
      } as const;
      expect(await file.ports.blobs.mount(mount)).toBeUndefined();
      await pushBlob(file.ports, 'a', 'config');
      const outcome = await put(file.ports, 'a', image('config', { layers: ['layer'] }));
      expect(outcome).toEqual({ kind: 'missing', digests: [String(layer)] });
    });

    it('a push of it places the bytes again, and heals every repository', async () => {
      await pushBlob(file.ports, 'a', 'layer');
      await pushBlob(file.ports, 'b', 'layer');
      await lose();
      const push = await beginPush(file.ports, 'c', 'layer');
      const reservation = await file.ports.blobs.reserve(push);
      if (reservation.kind !== 'reserved') throw new Error(reservation.kind);
      await file.ports.blobs.commit(push, reservation.contentId);
      for (const each of ['a', 'b', 'c']) {
        expect(await file.ports.blobs.find(repository(each), layer)).toMatchObject({ size: 5 });
      }
    });

    it('only what lies in the folder is looked at, page by page, in the order of digests', async () => {
      const register = new SqliteContentRegister(file.database);
      for (let at = 0; at < 40; at += 1) await pushBlob(file.ports, 'a', `blob ${at}`);
      const seen: string[] = [];
      for (let byte = 0; byte < 256; byte += 1) {
        const folder = { algorithm: 'sha256', prefix: byte.toString(16).padStart(2, '0') };
        for (
          let after: (typeof page)[number] | undefined, page = await register.present(folder, undefined, 1);
          ;
        ) {
          const [only] = page;
          if (only === undefined) break;
          expect(only.digest.hex.startsWith(folder.prefix)).toBe(true);
          seen.push(only.digest.hex);
          after = only;
          page = await register.present(folder, after.digest, 1);
        }
      }
      expect(seen).toHaveLength(40);
      expect(seen.toSorted()).toEqual(seen);
      expect(await register.present({ algorithm: 'md5', prefix: '00' }, undefined, 1)).toEqual([]);
    });
  });

  describe('deleted what a manifest needs', () => {
    it('a blob goes, and its manifest stays and is called incomplete', async () => {
      const manifest = await pushImage(file.ports, 'a', 'config', { layers: ['layer'], tags: ['v1'] });
      await pushImage(file.ports, 'b', 'config', { layers: ['layer'] });
      await new SqliteReferenceTakeover(file.database).release({
        kind: 'layer',
        repository: name,
        digest: layer,
      });
      expect(await file.ports.blobs.unlink(name, layer, NOW)).toMatchObject({ kind: 'unlinked' });
      expect(await file.ports.manifests.find(name, manifest.digest)).toBeDefined();
      expect(await file.ports.blobs.find(repository('b'), layer)).toBeDefined();
      expect(incomplete()).toBe(1);
    });

    it('a manifest goes, and the index that lists it stays and is called incomplete', async () => {
      const child = await pushImage(file.ports, 'a', 'config');
      const list = index([child.digest]);
      await put(file.ports, 'a', list, { tags: ['v1'] });
      const takeover = new SqliteReferenceTakeover(file.database);
      await takeover.release({ kind: 'revision', repository: name, digest: child.digest });
      expect(await file.ports.manifests.delete(name, child.digest, NOW)).toMatchObject({ kind: 'deleted' });
      expect(await file.ports.manifests.find(name, list.digest)).toBeDefined();
      expect(incomplete()).toBe(1);
    });

    it('a manifest that is pushed again whole is complete', async () => {
      const manifest = await pushImage(file.ports, 'a', 'config', { layers: ['layer'] });
      await new SqliteReferenceTakeover(file.database).release({
        kind: 'layer',
        repository: name,
        digest: layer,
      });
      await put(file.ports, 'a', manifest);
      expect(incomplete()).toBe(0);
      expect(await file.ports.blobs.unlink(name, layer, NOW)).toMatchObject({ kind: 'referenced' });
    });
  });
});
