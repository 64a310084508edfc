import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Digest } from '../../src/domain/content/digest.js';
import { keyOfName } from '../../src/domain/repository/linked-name.js';
import { RepositoryName } from '../../src/domain/repository/repository-name.js';
import { LayoutRepositoryNames } from '../../src/infrastructure/storage/layout/layout-repository-names.js';
import { revisionAt, TREE_ROOT, TreeInDriver } from '../support/tree-in-driver.js';
import { traitsOf, type DriverUnderTest } from './storage-driver.contract.js';

/** What the folders of a repository tell, or, where folders are implied and have no times, its links. */
export function repositoryNamesContract(adapter: string, make: () => Promise<DriverUnderTest>): void {
  describe(`the folders of a repository on ${adapter}`, () => {
    const repository = RepositoryName.parse('team/app');
    const manifests = `${TREE_ROOT}/repositories/team/app/_manifests`;
    let under: DriverUnderTest;
    let tree: TreeInDriver;
    let names: LayoutRepositoryNames;
    beforeEach(async () => {
      under = await make();
      tree = new TreeInDriver(under.driver);
      names = new LayoutRepositoryNames(under.driver);
    });
    afterEach(() => under.dispose());

    const isImplied = () => traitsOf(under).folders === 'implied';
    const tick = () => sleep(traitsOf(under).tick);
    /** Written after its tag: when the newest file of a bucket goes, its repository looks older. */
    const taggedManifest = async (): Promise<Digest> => {
      const one = await tree.manifest('team/app', '{"one":1}');
      await tree.tag('team/app', 'v1', one);
      return tree.manifest('team/app', '{"one":1}');
    };
    const listed = async () => [...(await names.names(repository))].map(keyOfName).toSorted();
    async function showsChange(change: () => Promise<unknown>, eachTag = true): Promise<boolean> {
      const before = await names.changedAt(repository, eachTag);
      await tick();
      await change();
      return (await names.changedAt(repository, eachTag)) !== before;
    }

    it('are none where there is no repository', async () => {
      expect(await names.changedAt(repository, true)).toBeUndefined();
      expect(await listed()).toEqual([]);
    });

    it('name manifests of both algorithms and tags; where folders stay also those without their link', async () => {
      const one = await tree.manifest('team/app', '{"one":1}');
      const two = await tree.manifest('team/app', '{"two":2}', 'sha512');
      await tree.tag('team/app', 'v1', one);
      await under.driver.remove(revisionAt('team/app', two));
      const taken = isImplied() ? [] : [`revision ${String(two)}`];
      const expected = [`revision ${String(one)}`, ...taken, 'tag v1'];
      expect(await listed()).toEqual(expected.map((name) => `team/app ${name}`));
    });

    it('tell whether any of some links is there', async () => {
      const one = await tree.manifest('team/app', '{"one":1}');
      const two = await tree.blob('two');
      const there = { kind: 'revision', repository, digest: one } as const;
      const absent = { kind: 'layer', repository, digest: two } as const;
      expect(await names.isAnyLinked([])).toBe(false);
      expect(await names.isAnyLinked([absent, { ...there, kind: 'layer' }])).toBe(false);
      expect(await names.isAnyLinked([absent, there])).toBe(true);
    });

    it('leave out what is no name', async () => {
      await tree.file(`${manifests}/revisions/sha256/abc/link`, 'x');
      await tree.file(`${manifests}/revisions/md5/${'a'.repeat(32)}/link`, 'x');
      await tree.file(`${manifests}/tags/-x/current/link`, 'x');
      expect(await listed()).toEqual([]);
    });

    it.each<[string, (one: Digest) => Promise<unknown>, 'kept'?]>([
      ['a new manifest', () => tree.manifest('team/app', '{"two":2}')],
      ['the first manifest of an algorithm', () => tree.manifest('team/app', '{"two":2}', 'sha512')],
      ['a new tag', (one) => tree.tag('team/app', 'v2', one)],
      ['a tag that moves', async () => tree.tag('team/app', 'v1', await tree.blob('{"two":2}'))],
      ['a tag that is written again', (one) => tree.tag('team/app', 'v1', one)],
      [
        'a tag that is deleted, where folders stay',
        () => under.driver.remove(`${manifests}/tags/v1`),
        'kept',
      ],
    ])('show %s', async (_what, change, folders) => {
      const one = await taggedManifest();
      expect(await showsChange(() => change(one))).toBe(folders === undefined || !isImplied());
    });

    it.each<[string, { kept: boolean; implied: boolean }, (one: Digest) => Promise<unknown>]>([
      ['a new manifest', { kept: true, implied: true }, () => tree.manifest('team/app', '{"two":2}')],
      ['a new tag', { kept: true, implied: true }, (one) => tree.tag('team/app', 'v2', one)],
      [
        'a tag that is deleted',
        { kept: true, implied: false },
        () => under.driver.remove(`${manifests}/tags/v1`),
      ],
      [
        'a tag that moves',
        { kept: false, implied: true },
        async () => tree.tag('team/app', 'v1', await tree.blob('{"two":2}')),
      ],
    ])(
      'show without a look at each tag, or not, by the kind of folders: %s',
      async (_what, shows, change) => {
        const one = await taggedManifest();
        expect(await showsChange(() => change(one), false)).toBe(isImplied() ? shows.implied : shows.kept);
      },
    );

    it.each<[string, (one: Digest) => Promise<unknown>, 'kept'?]>([
      ['blobs', () => tree.layer('team/app', 'x')],
      ['what other repositories get', () => tree.manifest('team/app/worker', '{"two":2}')],
      [
        'a manifest that is written again, where folders stay',
        () => tree.manifest('team/app', '{"one":1}'),
        'kept',
      ],
    ])('do not show %s', async (_what, change, folders) => {
      const one = await taggedManifest();
      expect(await showsChange(() => change(one))).toBe(folders === 'kept' && isImplied());
    });
  });
}
