import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { digestOf } from '../support/http-client.js';
import { ReferenceTree } from '../support/reference-tree.js';
import { imageManifest, pushBlob, pushImage, putManifest } from '../support/registry-actions.js';
import { RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { openFences, storedDigests } from './gc/folder-state.js';
import { runGc } from './gc/run-gc.js';

const OFTEN = { interval: '50ms', grace: '300ms', pause: '0' };
const LOG = { level: 'info', formatter: 'json', accesslog: { disabled: true } };
const PATIENCE = { timeout: 15_000, interval: 50 };

describe('stowage serve collects garbage', () => {
  let temp: TempDir;
  let root: string;
  let registry: RunningRegistry | undefined;

  beforeEach(async () => {
    temp = await makeTempDir();
    root = join(temp.path, 'data');
  });
  afterEach(async () => {
    await registry?.kill9();
    registry = undefined;
    await temp.remove();
  });

  const serve = async (gc: object = OFTEN, storage: object = {}): Promise<RunningRegistry> => {
    const filesystem = { rootdirectory: root };
    registry = await RunningRegistry.start({
      folder: temp.path,
      settings: { log: LOG, gc: { ...gc }, storage: { filesystem, delete: { enabled: true }, ...storage } },
    });
    return registry;
  };
  const stored = (): Set<string> => new Set(storedDigests(root));
  const gone = (...contents: readonly string[]): Promise<void> =>
    vi.waitFor(() => {
      const there = stored();
      expect(contents.filter((content) => there.has(digestOf(content)))).toEqual([]);
    }, PATIENCE);
  const expectStored = (...contents: readonly string[]): void => {
    expect(storedDigests(root)).toEqual(expect.arrayContaining(contents.map((each) => digestOf(each))));
  };
  /** Pushes something that nothing needs and waits until it is gone: whatever was due before was looked at. */
  const roundOfCollection = async (name: string): Promise<void> => {
    if (registry === undefined) throw new Error('nothing runs');
    await pushBlob(registry.client, 'team/other', name);
    await gone(name);
  };
  const removals = (): readonly Record<string, unknown>[] =>
    (registry?.lines ?? [])
      .filter((line) => line.includes('"garbage was removed"'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('when its grace is over, without a command, and says so in the log', async () => {
    const { client } = await serve();
    const manifest = await pushImage(client, 'team/app', 'v1', 'config', { layers: ['layer'] });
    const deleted = await pushImage(client, 'team/app', 'gone', 'other config', { layers: ['layer', 'own'] });
    await pushBlob(client, 'team/app', 'loose');
    await client.send({ method: 'DELETE', path: `/v2/team/app/manifests/${digestOf(deleted)}` });
    // The copy of the manifest waits for its link file, and is looked at again a minute later.
    await gone('loose', 'own', 'other config');
    expectStored('config', 'layer', manifest);
    expect((await client.send({ path: `/v2/team/app/blobs/${digestOf('own')}` })).status).toBe(404);
    expect((await client.send({ path: `/v2/team/app/blobs/${digestOf('layer')}` })).status).toBe(200);
    await vi.waitFor(() => {
      const sum = (name: string): number => removals().reduce((total, line) => total + Number(line[name]), 0);
      expect([sum('blobs'), sum('links'), sum('failed')]).toEqual([3, 3, 0]);
    }, PATIENCE);
    expect(openFences(root)).toEqual([]);
    // What goes may come again.
    await pushImage(client, 'team/app', 'again', 'other config', { layers: ['layer', 'own'] });
    await roundOfCollection('marker');
    expectStored('config', 'layer', manifest, 'own', 'other config', deleted);
  });

  it('but no manifest without a tag, unless gc.untagged.enabled', async () => {
    await serve();
    const pushBoth = async (): Promise<readonly string[]> => {
      if (registry === undefined) throw new Error('nothing runs');
      const former = await pushImage(registry.client, 'team/app', 'v1', 'former config', {
        layers: ['layer'],
      });
      await pushImage(registry.client, 'team/app', 'v1', 'config', { layers: ['layer'] });
      return [former, 'former config'];
    };
    const former = await pushBoth();
    for (const round of [1, 2]) await roundOfCollection(`marker ${round}`);
    await sleep(600);
    await roundOfCollection('last marker');
    expectStored(...former);
    await registry?.stop();
    await serve({ ...OFTEN, untagged: { enabled: true } });
    // Its tag has moved away long ago, but it was looked at and kept then.
    await pushBoth();
    await gone(...former);
    expectStored('config', 'layer', imageManifest('config', { layers: ['layer'] }));
  });

  it('never what it has taken over from another registry, before somebody asks for it', async () => {
    const tree = new ReferenceTree(root);
    const layer = tree.blob('adopted layer');
    const image = tree.image('team/app', { config: tree.config({ of: 'kept' }), layers: [layer] });
    tree.tag('team/app', 'v1', image.digest);
    tree.image('team/app', { config: tree.config({ of: 'untagged' }), layers: [layer] });
    const loose = Array.from({ length: 20 }, (_, at) => tree.blob(`adopted ${at}`).digest);
    for (const digest of loose) tree.layerLink('team/app', digest);
    const kept = [layer, tree.config({ of: 'kept' }), image].map(({ digest }) => digest).toSorted();
    const before = storedDigests(root);
    await serve({ ...OFTEN, interval: '20ms', untagged: { enabled: true } });
    const { client } = registry ?? (await serve());
    // Younger than the adoption, and beside it: what is pushed goes, what was there stays.
    for (let round = 0; round < 5; round += 1) await roundOfCollection(`round ${round}`);
    expect(storedDigests(root)).toEqual(before);
    await registry?.restart();
    await roundOfCollection('after a restart');
    expect(storedDigests(root)).toEqual(before);
    // Asked for beside a registry it gets a whole grace from now on; then the registry does it.
    expect(await runGc(temp.path)).toMatchObject({ exitCode: 0, went: [] });
    await vi.waitFor(() => expect(storedDigests(root)).toEqual(kept), { timeout: 90_000, interval: 200 });
    expect((await client.send({ path: '/v2/team/app/manifests/v1' })).status).toBe(200);
  });

  it('not while it is read-only', async () => {
    await serve({ interval: '1h', grace: '100ms' });
    await pushBlob(registry?.client ?? missing(), 'team/app', 'loose');
    await registry?.stop();
    const readonly = { maintenance: { readonly: { enabled: true } } };
    await serve({ ...OFTEN, interval: '20ms', grace: '100ms' }, readonly);
    await sleep(1_500);
    expectStored('loose');
    expect(removals()).toEqual([]);
    await registry?.stop();
    await serve({ ...OFTEN, grace: '100ms' });
    await gone('loose');
  });

  it('not when gc.enabled is false, and not less than it by gc', async () => {
    await serve({ ...OFTEN, interval: '20ms', enabled: false });
    await pushBlob(registry?.client ?? missing(), 'team/app', 'loose');
    await sleep(1_500);
    expectStored('loose');
    // By the configured grace, which is over.
    expect((await runGc(temp.path)).went).toEqual([`blob ${digestOf('loose')}`]);
  });

  it('and ends soon and cleanly when it is told to stop meanwhile', async () => {
    const many = 400;
    await serve({ interval: '1h', grace: '50ms' });
    const pushed = Array.from({ length: many }, (_, at) => `blob ${at}`);
    for (const each of pushed) await pushBlob(registry?.client ?? missing(), 'team/app', each);
    await registry?.stop();
    // A batch takes longer than all the waiting of this test.
    await serve({ interval: '20ms', grace: '50ms', batch: 20, pause: '200ms' });
    await vi.waitFor(() => expect(stored().size).toBeLessThan(many), PATIENCE);
    expect(await registry?.stop()).toBe(0);
    const left = stored().size;
    expect(left).toBeGreaterThan(0);
    expect(openFences(root)).toEqual([]);
    expect((registry?.lines ?? []).filter((line) => /"level":"(?:error|warn)"/.test(line))).toEqual([]);
    await serve({ ...OFTEN, grace: '50ms' });
    await gone(...pushed);
  });

  it('while tags are moved and images pushed, and every image that was accepted stays whole', async () => {
    const { client } = await serve({
      interval: '20ms',
      grace: '2s',
      pause: '0',
      untagged: { enabled: true },
    });
    for (let round = 0; round < 60; round += 1) {
      const layers = ['shared', `layer ${round % 7}`, `layer of ${round}`];
      const manifest = await pushImage(client, 'team/app', 'latest', `config ${round}`, { layers });
      expect((await putManifest(client, 'team/app', `t${round % 5}`, manifest)).status).toBe(201);
      await sleep(50);
    }
    await roundOfCollection('marker');
    const { body } = await client.send({ path: '/v2/team/app/tags/list' });
    const { tags } = JSON.parse(body.toString()) as { tags: readonly string[] };
    expect(tags).toHaveLength(6);
    for (const tag of tags) {
      const got = await client.send({ path: `/v2/team/app/manifests/${tag}` });
      const { layers } = JSON.parse(got.body.toString()) as { layers: readonly { digest: string }[] };
      for (const { digest } of layers) {
        const blob = await client.send({ path: `/v2/team/app/blobs/${digest}` });
        expect([blob.status, digestOf(blob.body)]).toEqual([200, digest]);
      }
    }
    expect(removals().length).toBeGreaterThan(0);
  });
});

function missing(): never {
  throw new Error('nothing runs');
}
