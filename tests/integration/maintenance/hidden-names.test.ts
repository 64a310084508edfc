import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StorageFault } from '../../../src/application/ports/storage/storage-fault.js';
import type { StorageDriver } from '../../../src/application/ports/storage/storage-driver.js';
import type { Digest } from '../../../src/domain/content/digest.js';
import { LayoutTreeInventory } from '../../../src/infrastructure/storage/layout/layout-tree-inventory.js';
import { FileThread } from '../../../src/infrastructure/storage/drivers/filesystem/file-thread.js';
import { FilesystemDriver } from '../../../src/infrastructure/storage/drivers/filesystem/filesystem-driver.js';
import { HashThread } from '../../../src/infrastructure/storage/drivers/filesystem/hash-thread.js';
import { NodeFileSystem } from '../../../src/infrastructure/storage/drivers/filesystem/node-file-system.js';
import { AtMost } from '../../../src/application/services/at-most.js';
import { pushBlob } from '../../contract/metadata/metadata-actions.js';
import { damageTree } from '../../support/damage-tree.js';
import { blobAt, layerAt, revisionAt, TREE_ROOT } from '../../support/tree-in-driver.js';
import { OrphansUnderTest } from './orphans-under-test.js';

const REPOSITORIES = `${TREE_ROOT}/repositories`;

/** Where nobody can look, anything may be named: nothing is handed to collection then. */
describe('a scan for orphans of a tree that can not be read whole', () => {
  let root: string;
  let under: OrphansUnderTest;
  let orphan: Digest;

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'stowage-hidden-'));
    const driver = new FilesystemDriver(
      root,
      new NodeFileSystem(new AtMost(2), new FileThread()),
      new HashThread(),
    );
    under = await OrphansUnderTest.open(async () => ({ driver, dispose: () => driver.close() }));
    await under.tree.layer('served', 'linked');
    await pushBlob(under.file.ports, 'served', 'linked');
    orphan = await under.tree.blob('orphan');
  });
  afterEach(async () => {
    await under.dispose();
    rmSync(root, { recursive: true });
  });

  const at = (path: string): string => join(root, path);
  const link = (target: string, path: string): void => {
    mkdirSync(join(at(path), '..'), { recursive: true });
    symlinkSync(at(target), at(path));
  };
  const isUndecided = async (path: string, driver?: StorageDriver): Promise<void> => {
    const inventory = driver === undefined ? under.inventory : new LayoutTreeInventory(driver);
    const report = await under.scan({ inventory });
    expect(report).toMatchObject({ registered: { count: 0 }, undecided: { count: 1, bytes: 6 } });
    expect(report.hidden.first.map((damage) => damage.path)).toEqual([path]);
    expect(under.row(orphan)).toBeUndefined();
  };
  const isRegistered = async (): Promise<void> => {
    const report = await under.scan();
    expect(report).toMatchObject({ registered: { count: 1, bytes: 6 }, hidden: { count: 0 } });
  };

  it('decides nothing while a repository leads to a disk that is not there, and then goes on', async () => {
    link('elsewhere', `${REPOSITORIES}/moved`);
    await isUndecided(`${REPOSITORIES}/moved`);
    mkdirSync(at('elsewhere'));
    await under.tree.file(`elsewhere/_layers/sha256/${orphan.hex}/link`, orphan.toString());
    const report = await under.scan();
    expect(report).toMatchObject({
      resumed: true,
      registered: { count: 0 },
      named: { count: 1, adopted: 1 },
    });
  });

  it.each([
    ['manifests lead nowhere', `${REPOSITORIES}/served/_manifests`],
    ['tags lead nowhere', `${REPOSITORIES}/a/_manifests/tags`],
    ['a tag leads nowhere', `${REPOSITORIES}/a/_manifests/tags/v1`],
  ])('decides nothing while %s', async (_what, path) => {
    link('elsewhere', path);
    await isUndecided(path);
    rmSync(at(path));
    await isRegistered();
  });

  it('decides nothing while a folder has a name that is never written', async () => {
    const path = `${REPOSITORIES}/with space`;
    mkdirSync(at(path));
    await isUndecided(path);
    renameSync(at(path), at('with space'));
    await isRegistered();
  });

  it('decides nothing when the repositories are gone as a whole', async () => {
    renameSync(at(REPOSITORIES), at('elsewhere'));
    mkdirSync(at(REPOSITORIES));
    await isUndecided(REPOSITORIES);
    rmSync(at(REPOSITORIES), { recursive: true });
    renameSync(at('elsewhere'), at(REPOSITORIES));
    await isRegistered();
  });

  it.each([
    ['layers can not be listed', `${REPOSITORIES}/served/_layers`],
    ['a repository can not be listed', `${REPOSITORIES}/served`],
    ['layers of an algorithm can not be listed', `${REPOSITORIES}/served/_layers/sha256`],
  ])('decides nothing while %s', async (_what, path) => {
    await isUndecided(path, refusing(under.driver, 'list', path));
    await isRegistered();
  });

  it('decides nothing while the body of a manifest can not be read', async () => {
    const manifest = await under.tree.manifest('served', { layers: [{ digest: orphan.toString() }] });
    const path = blobAt(manifest);
    const inventory = new LayoutTreeInventory(refusing(under.driver, 'readContent', path));
    const report = await under.scan({ inventory });
    expect(report).toMatchObject({ registered: { count: 0 }, undecided: { count: 1, bytes: 6 } });
    expect(report.hidden.first.map((damage) => damage.path)).toEqual([path]);
  });

  it.each([
    ['a link', 'readContent', (digest: Digest) => layerAt('served', digest)],
    ['the folder of a link', 'list', (digest: Digest) => layerAt('served', digest).replace(/\/link$/, '')],
  ] as const)(
    'takes %s that can not be read for one that names its folder',
    async (_what, method, pathOf) => {
      const digest = await under.tree.layer('served', 'named');
      const inventory = new LayoutTreeInventory(refusing(under.driver, method, pathOf(digest)));
      const report = await under.scan({ inventory });
      expect(report).toMatchObject({ registered: { count: 1, bytes: 6 }, hidden: { count: 0 } });
      expect(report.named.first.map((named) => String(named.digest))).toEqual([digest.toString()]);
      expect(report.damaged.first.map((damage) => damage.path)).toEqual([pathOf(digest)]);
    },
  );

  it('is not held up by what hides nothing', async () => {
    await under.tree.file(`${REPOSITORIES}/README`, 'x');
    await under.tree.file(`${REPOSITORIES}/no-layers/_layers`, 'x');
    await under.tree.file(`${REPOSITORIES}/served/_manifests/revisions/sha512`, 'x');
    link(`${REPOSITORIES}/served`, `${REPOSITORIES}/served/again`);
    link(`${REPOSITORIES}/served`, `${REPOSITORIES}/alias`);
    link(blobAt(orphan), `${REPOSITORIES}/served/linked-file`);
    const large = await under.tree.manifest('served', ' '.repeat(4 * 1024 * 1024 + 1));
    const report = await under.scan();
    expect(report).toMatchObject({ registered: { count: 1, bytes: 6 }, hidden: { count: 0 } });
    expect(new Set(report.damaged.first.map((damage) => damage.path))).toEqual(
      new Set([blobAt(large), `${REPOSITORIES}/served/again`, `${REPOSITORIES}/alias/again`]),
    );
    expect(under.row(large)).toBeUndefined();
    expect(await under.driver.stat(revisionAt('served', large))).toBeDefined();
  });

  it('survives every kind of damage, and hands over nothing', async () => {
    const damaged = damageTree(root);
    const report = await under.scan();
    expect(report.registered.count).toBe(0);
    expect(report.hidden.count).toBeGreaterThan(0);
    for (const { digest } of damaged.served) {
      const rows = under.file.raw.prepare('SELECT state FROM content WHERE hex(digest) = ?');
      const row = rows.get(`01${digest.replace('sha256:', '').toUpperCase()}`);
      expect(row).toEqual({ state: 1 });
    }
  });
});

/** The driver, on a disk that has lost one path. */
function refusing(driver: StorageDriver, method: 'list' | 'readContent', path: string): StorageDriver {
  return new Proxy(driver, {
    get(target, property: keyof StorageDriver) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      return (...args: readonly unknown[]): unknown => {
        if (property === method && args[0] === path) {
          return Promise.reject(new StorageFault('broken', `cannot read ${path}: EIO`));
        }
        return Reflect.apply(value, target, args);
      };
    },
  });
}
