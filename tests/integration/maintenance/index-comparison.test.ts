import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STORAGES } from '../../contract/storage-under-test.js';
import type { ComparisonProgress } from '../../../src/application/services/index-comparison.js';
import type { IndexDifference } from '../../../src/application/services/index-difference.js';
import { Digest } from '../../../src/domain/content/digest.js';
import type { Manifest } from '../../../src/domain/manifest/manifest.js';
import { keyOfName } from '../../../src/domain/repository/linked-name.js';
import { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { TagName } from '../../../src/domain/tag/tag-name.js';
import { collect } from '../../support/collect.js';
import { inTree, ServedFolder } from '../../support/served-folder.js';
import { image, index } from '../../contract/metadata/metadata-actions.js';

const NEVER = new AbortController().signal;

function newProgress(): ComparisonProgress {
  return { repositories: 0, tags: 0, revisions: 0, layers: 0 };
}

/** A difference in few words. */
function shown(difference: IndexDifference): string {
  if (difference.kind === 'damaged') return `damaged ${difference.damage.reason}`;
  const reason = 'reason' in difference ? `: ${difference.reason}` : '';
  return `${difference.kind} ${keyOfName(difference.name).replace(/sha256:(.{6})\S*/, '$1')}${reason}`;
}

describe.each(STORAGES)('the comparison of tree and database %s', (_where, make) => {
  let folder: ServedFolder;
  let one: Manifest;
  let two: Manifest;
  let config: Digest;

  beforeEach(async () => {
    folder = await ServedFolder.open(make);
    config = await folder.pushBlob('team/app', 'config');
    one = image('config', { note: 'one' });
    two = image('config', { note: 'two' });
    await folder.pushManifest('team/app', one, ['v1', 'latest']);
    await folder.pushManifest('team/app', two, ['v2']);
    await folder.pushBlob('team-other', 'config');
  });
  afterEach(() => folder.close());

  const short = ({ hex }: Digest): string => hex.slice(0, 6);
  const differences = async (): Promise<readonly string[]> =>
    (await collect(folder.walk.differences(newProgress(), NEVER))).map(shown);

  it('finds nothing where a registry has written both, and counts what it compared', async () => {
    const progress = newProgress();
    expect(await collect(folder.walk.differences(progress, NEVER))).toEqual([]);
    expect(progress).toEqual({ repositories: 2, tags: 3, revisions: 2, layers: 2 });
  });

  it('finds a tag, a manifest and a blob that only the tree has', async () => {
    const three = image('config', { note: 'three' });
    await folder.write(inTree.blob(three.digest), three.bytes.toString());
    await folder.write(inTree.revision('a', three.digest), three.digest.toString());
    await folder.write(inTree.tag('a', 'new'), three.digest.toString());
    await folder.write(inTree.layer('a', config), config.toString());
    expect(await differences()).toEqual([
      'only-in-tree a tag new',
      `only-in-tree a revision ${short(three.digest)}`,
      `only-in-tree a layer ${short(config)}`,
    ]);
  });

  it('finds a tag, a manifest and a blob that only the database has', async () => {
    await folder.remove('repositories/team/app/_manifests/tags/v2');
    await folder.remove(inTree.revision('team/app', two.digest));
    await folder.remove('repositories/team-other');
    expect(await differences()).toEqual([
      `only-in-database team-other layer ${short(config)}`,
      'only-in-database team/app tag v2',
      `only-in-database team/app revision ${short(two.digest)}`,
    ]);
  });

  it('finds a tag that points elsewhere', async () => {
    await folder.write(inTree.tag('team/app', 'v1'), two.digest.toString());
    const [difference] = await collect(folder.walk.differences(newProgress(), NEVER));
    expect(difference).toMatchObject({ kind: 'other-target', tree: two.digest, database: one.digest });
  });

  it('finds a blob that is missing, and one of another size', async () => {
    const layer = await folder.pushBlob('team-other', 'layer');
    await folder.remove(inTree.blob(layer));
    await folder.write(inTree.blob(config), 'longer than it was');
    const found = await collect(folder.walk.differences(newProgress(), NEVER));
    expect(found.map(shown).toSorted()).toEqual(
      [
        `bytes-missing team-other layer ${short(layer)}`,
        `other-size team-other layer ${short(config)}`,
        `other-size team/app layer ${short(config)}`,
      ].toSorted(),
    );
    expect(found.find(({ kind }) => kind === 'other-size')).toMatchObject({ tree: 18, database: 6 });
  });

  it('finds a manifest whose copy is missing, and one whose copy is not what was pushed', async () => {
    await folder.remove(inTree.blob(one.digest));
    await folder.write(inTree.blob(two.digest), '{}');
    expect((await differences()).toSorted()).toEqual([
      `bytes-missing team/app revision ${short(one.digest)}`,
      `other-bytes team/app revision ${short(two.digest)}`,
    ]);
  });

  it('tells what the tree can not give, and which name of the database it is', async () => {
    await folder.write(inTree.tag('team/app', 'v1'), 'sha256:0a');
    await folder.write('repositories/team/app/_manifests/tags/.x/current/link', one.digest.toString());
    expect(await differences()).toEqual([
      'link-damaged team/app tag v1: is cut off',
      expect.stringMatching(/^damaged is a name that/),
    ]);
  });

  it('tells once of a tag whose folder has lost its link', async () => {
    await folder.remove(inTree.tag('team/app', 'v1'));
    expect(await differences()).toEqual(['only-in-database team/app tag v1']);
  });

  it('says why a name of the tree is not served', async () => {
    const nowhere = Digest.of('sha256', Buffer.from('nowhere'));
    const text = Digest.of('sha256', Buffer.from('text'));
    await folder.write(inTree.blob(text), 'text');
    await folder.write(inTree.tag('a', 'v1'), nowhere.toString());
    await folder.write(inTree.revision('a', text), text.toString());
    await folder.write(inTree.layer('a', nowhere), nowhere.toString());
    expect(await differences()).toEqual([
      'dangling a tag v1: names a manifest that the repository does not have',
      `dangling a revision ${short(text)}: names a manifest that is not JSON`,
      `dangling a layer ${short(nowhere)}: names a blob that is not there`,
    ]);
  });

  it('tells of repositories whose names nobody allows', async () => {
    await folder.write(inTree.tag('Upper', 'v1'), one.digest.toString());
    expect(await differences()).toEqual(['damaged is a name that no repository can have']);
  });

  it('compares repositories whose names only the reference registry allows', async () => {
    await folder.pushManifest('Team.io/app', index([]), ['v1']);
    expect(await differences()).toEqual([]);
    await folder.remove('repositories/Team.io/app/_manifests/tags/v1');
    expect(await differences()).toEqual(['only-in-database Team.io/app tag v1']);
  });

  it('tells nothing of a change that was on its way at the first look', async () => {
    const settle = folder.clock.sleep.bind(folder.clock);
    folder.clock.sleep = async (ms) => {
      await folder.write(inTree.tag('team/app', 'v1'), one.digest.toString());
      await settle(ms);
    };
    await folder.write(inTree.tag('team/app', 'v1'), two.digest.toString());
    expect(await differences()).toEqual([]);
  });

  it('tells nothing of a name that has moved on between its two looks', async () => {
    const settle = folder.clock.sleep.bind(folder.clock);
    folder.clock.sleep = async (ms) => {
      const repository = RepositoryName.parse('team/app');
      await folder.tags.delete(repository, TagName.parse('v1'), 0);
      await settle(ms);
    };
    await folder.write(inTree.tag('team/app', 'v1'), two.digest.toString());
    expect(await differences()).toEqual([]);
  });

  it('tells nothing of a link that was damaged at the first look only', async () => {
    const settle = folder.clock.sleep.bind(folder.clock);
    folder.clock.sleep = async (ms) => {
      await folder.write(inTree.tag('team/app', 'v1'), one.digest.toString());
      await settle(ms);
    };
    await folder.write(inTree.tag('team/app', 'v1'), '');
    expect(await differences()).toEqual([]);
  });

  it('walks more names than a page has', async () => {
    const tags = Array.from({ length: 1_001 }, (_, at) => `t${at}`);
    for (let at = 0; at < tags.length; at += 100) {
      await folder.pushManifest('team/app', one, tags.slice(at, at + 100));
    }
    const progress = newProgress();
    expect(await collect(folder.walk.differences(progress, NEVER))).toEqual([]);
    expect(progress.tags).toBe(1_004);
    await folder.remove('repositories/team/app/_manifests/tags');
    expect(await differences()).toHaveLength(1_004);
  });

  it('stops with the reason of its signal', async () => {
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    await expect(collect(folder.walk.differences(newProgress(), stop.signal))).rejects.toThrow('enough');
  });
});
