import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STORAGES } from '../../contract/storage-under-test.js';
import { SettledDifferences } from '../../../src/application/services/settled-differences.js';
import { TakeInRepository } from '../../../src/application/use-cases/maintenance/take-in-repository.js';
import type { Instances } from '../../../src/application/ports/system/instances.js';
import { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { TagName } from '../../../src/domain/tag/tag-name.js';
import { tagPath } from '../../../src/infrastructure/storage/layout/paths.js';
import { SingleInstance } from '../../../src/infrastructure/system/single-instance.js';
import { blobOf, image } from '../../contract/metadata/metadata-actions.js';
import { QUIET_CONTEXT } from '../../support/application-under-test.js';
import { inTree, ServedFolder } from '../../support/served-folder.js';

const NAME = RepositoryName.parse('team/app');
const never = new AbortController().signal;

describe.each(STORAGES)('taking in a repository %s', (_where, make) => {
  let folder: ServedFolder;
  const manifest = image('config');

  beforeEach(async () => {
    folder = await ServedFolder.open(make);
    await folder.pushBlob('team/app', 'config');
    await folder.pushManifest('team/app', manifest, ['v1']);
  });
  afterEach(() => folder.close());

  const target = async (tag: string) => (await folder.manifests.find(NAME, TagName.parse(tag)))?.digest;

  /** @param hasCompany asked after each difference that is found */
  function takeIn(hasCompany: () => boolean): Promise<void> {
    const instances: Instances = Object.assign(new SingleInstance(false), { hasCompany });
    const settled = new SettledDifferences(folder.tree, folder.comparison, folder.clock);
    const repair = () => folder.newDatabaseRepair(folder.names);
    const use = new TakeInRepository(folder.walk, settled, repair, instances, QUIET_CONTEXT.logger);
    return use.execute('team/app', never);
  }

  /** Another process has committed a tag, and not written its link yet. */
  async function commitTag(tag: string) {
    const push = { repository: NAME, manifest, tags: [TagName.parse(tag)], sparse: false, now: 1 };
    const outcome = await folder.manifests.put(push);
    if (outcome.kind !== 'stored') throw new Error(outcome.kind);
    return outcome.changes;
  }

  it('follows what came, moved and went', async () => {
    const other = image('config', { note: 'other' });
    await folder.write(inTree.blob(other.digest), other.bytes.toString());
    await folder.write(inTree.revision('team/app', other.digest), other.digest.toString());
    await folder.write(inTree.tag('team/app', 'v1'), other.digest.toString());
    await folder.write(inTree.tag('team/app', 'new'), manifest.digest.toString());
    await folder.names.publish(await commitTag('gone'));
    await folder.names.flush();
    await folder.driver.remove(tagPath(NAME, TagName.parse('gone')));
    await takeIn(() => false);
    expect(String(await target('v1'))).toBe(other.digest.toString());
    expect(String(await target('new'))).toBe(manifest.digest.toString());
    expect(await target('gone')).toBeUndefined();
  });

  it('takes nothing for gone whose link the storage has refused so far', async () => {
    await commitTag('refused');
    await folder.blobs.store(
      { repository: NAME, blob: blobOf('small'), upload: undefined, now: 1 },
      Buffer.from('small'),
    );
    await takeIn(() => false);
    expect(String(await target('refused'))).toBe(manifest.digest.toString());
    expect(await folder.blobs.find(NAME, blobOf('small').digest)).toBeDefined();
  });

  it('takes nothing for gone that a process which has just started is about to write', async () => {
    const changes = await commitTag('v2');
    let asked = 0;
    await takeIn(() => {
      asked += 1;
      if (asked === 1) void folder.names.publish(changes);
      return true;
    });
    expect(asked).toBeGreaterThan(0);
    expect(String(await target('v2'))).toBe(manifest.digest.toString());
  });
});
