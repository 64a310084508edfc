import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MEDIA_TYPES } from '../../src/domain/content/media-type.js';
import { digestOf } from '../support/http-client.js';
import { imageManifest, indexManifest, pushImage, putManifest } from '../support/registry-actions.js';
import { differences, walkRegistry } from '../support/registry-walk.js';
import { RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { storedDigests } from './gc/folder-state.js';
import { runGc } from './gc/run-gc.js';

const NAME = 'team/app';

describe('stowage gc --delete-untagged', () => {
  let temp: TempDir;
  let registry: RunningRegistry;

  beforeEach(async () => {
    temp = await makeTempDir();
    registry = await RunningRegistry.start({ folder: temp.path });
  });
  afterEach(async () => {
    await registry.kill9();
    await temp.remove();
  });

  const image = (config: string, tag?: string): Promise<string> =>
    pushImage(registry.client, NAME, tag, config, { layers: ['shared', `layer of ${config}`] });
  /** An artifact of its own about another manifest. */
  const refer = (subject: string, what: string, tag?: string): Promise<string> =>
    pushImage(registry.client, NAME, tag, what, {
      subject: {
        mediaType: MEDIA_TYPES.ociManifest,
        digest: digestOf(subject),
        size: Buffer.byteLength(subject),
      },
      artifactType: 'example/note',
    });
  const put = async (
    body: string,
    reference: string,
    mediaType: string = MEDIA_TYPES.ociIndex,
  ): Promise<string> => {
    const { status } = await putManifest(registry.client, NAME, reference, body, mediaType);
    expect(status).toBe(201);
    return body;
  };
  const index = (children: readonly string[], tag?: string): Promise<string> => {
    const body = indexManifest(children);
    return put(body, tag ?? digestOf(body));
  };
  const remove = async (reference: string): Promise<void> => {
    const { status } = await registry.client.send({
      method: 'DELETE',
      path: `/v2/${NAME}/manifests/${reference}`,
    });
    expect(status).toBe(202);
  };
  /** Collects offline; what is expected to go are the manifests, and nothing else changes for any client. */
  const expectToGo = async (...manifests: readonly string[]): Promise<void> => {
    const isGone = (key: string): boolean => manifests.some((each) => key.includes(`@${digestOf(each)}`));
    const also = { manifests: [...everyManifest].map((digest) => `${NAME}@${digest}`) };
    const before = await walkRegistry(registry, also);
    await registry.stop();
    const shown = await runGc(temp.path, '-m', '--dry-run');
    const run = await runGc(temp.path, '-m');
    expect(shown.went).toEqual(run.went);
    expect(run.went.filter((each) => each.startsWith('manifest '))).toEqual(
      manifests.map((each) => `manifest ${NAME}@${digestOf(each)}`).toSorted(),
    );
    expect((await runGc(temp.path, '-m')).went).toEqual([]);
    await registry.start();
    const after = await walkRegistry(registry, also);
    const changed = differences(before, after);
    for (const each of manifests) expect(after.get(`${NAME}@${digestOf(each)}`)).toBe('404');
    expect(
      changed.filter((line) => !isGone(line) && !line.includes('/blobs/') && !line.startsWith('bytes of')),
    ).toEqual([]);
    // Blobs that went belonged to what went alone: whatever is still there is whole.
    expect([...after].filter(([key, answer]) => answer.startsWith('404') && !isGone(key))).toEqual([]);
  };
  const everyManifest = new Set<string>();
  const known = (body: string): string => {
    everyManifest.add(digestOf(body));
    return body;
  };
  beforeEach(() => everyManifest.clear());

  it('removes images whose tag has moved on, and keeps what any tag names', async () => {
    const first = known(await image('first', 'latest'));
    known(await image('second', 'v2'));
    const both = known(await image('both', 'a'));
    await put(both, 'b', MEDIA_TYPES.ociManifest);
    await image('second', 'latest');
    await remove('a');
    const never = known(await image('pushed by digest'));
    await expectToGo(first, never);
  });

  it('keeps what a kept index lists, however deep, and removes it with the index', async () => {
    const [amd, arm, old, alone] = [
      known(await image('amd')),
      known(await image('arm')),
      known(await image('old')),
      known(await image('alone')),
    ];
    const inner = known(await index([amd, arm]));
    const nested = indexManifest([inner]).replace(MEDIA_TYPES.ociManifest, MEDIA_TYPES.ociIndex);
    known(await put(nested, 'deep'));
    const former = known(await index([amd, old], 'list'));
    known(await index([arm], 'list'));
    const list = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.dockerManifestList,
      manifests: [descriptor(await pushDocker('listed'), MEDIA_TYPES.dockerManifest)],
    };
    known(await put(JSON.stringify(list), 'docker', MEDIA_TYPES.dockerManifestList));
    await expectToGo(old, alone, former);
  });

  it('keeps referrers of what is kept, and theirs, and removes those of what goes', async () => {
    const kept = known(await image('kept', 'v1'));
    const signature = known(await refer(kept, 'signature'));
    known(await refer(signature, 'signature of the signature'));
    const going = known(await image('going', 'v2'));
    const sbom = known(await refer(going, 'sbom'));
    const deeper = known(await refer(sbom, 'signature of the sbom'));
    const tagged = known(await refer(going, 'tagged note', 'note'));
    await remove('v2');
    const before = known(await refer(imageManifest('never pushed'), 'about nothing'));
    await expectToGo(going, sbom, deeper, before);
    const { body } = await registry.client.send({ path: `/v2/${NAME}/referrers/${digestOf(kept)}` });
    expect(body.toString()).toContain(digestOf(signature));
    const other = await registry.client.send({ path: `/v2/${NAME}/referrers/${digestOf(going)}` });
    expect(other.body.toString()).toContain(digestOf(tagged));
  });

  it('keeps what a kept referrer lists, and not what stands in a circle', async () => {
    const subject = known(await image('subject', 'v1'));
    const child = known(await image('child of a referrer'));
    const referring = { ...(JSON.parse(indexManifest([child])) as object), subject: descriptor(subject) };
    known(await put(JSON.stringify(referring), digestOf(JSON.stringify(referring))));
    const lone = known(await image('lone'));
    const circle = JSON.stringify({
      ...(JSON.parse(indexManifest([lone])) as object),
      subject: descriptor(lone),
    });
    known(await put(circle, digestOf(circle)));
    await expectToGo(lone, circle);
  });

  it('leaves another repository alone that has the same manifest under a tag', async () => {
    const here = known(await image('common'));
    known(await image('of its own', 'v1'));
    await pushImage(registry.client, 'team/other', 'v1', 'common', { layers: ['shared', 'layer of common'] });
    await expectToGo(here);
    const there = await registry.client.send({ path: '/v2/team/other/manifests/v1' });
    expect(there.body.toString()).toBe(here);
    for (const content of ['common', 'shared', 'layer of common']) {
      const { status } = await registry.client.send({ path: `/v2/team/other/blobs/${digestOf(content)}` });
      expect(status).toBe(200);
    }
    expect(storedDigests(join(temp.path, 'data'))).toContain(digestOf(here));
  });

  const pushDocker = async (config: string): Promise<string> => {
    const body = JSON.stringify({
      ...(JSON.parse(imageManifest(config)) as object),
      mediaType: MEDIA_TYPES.dockerManifest,
    });
    await image(config, 'passing');
    await put(body, digestOf(body), MEDIA_TYPES.dockerManifest);
    return known(body);
  };
});

function descriptor(body: string, mediaType: string = MEDIA_TYPES.ociManifest): object {
  return { mediaType, digest: digestOf(body), size: Buffer.byteLength(body) };
}
