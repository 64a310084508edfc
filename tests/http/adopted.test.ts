import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TOKENS as T } from '../../src/container/tokens.js';
import { Digest } from '../../src/domain/content/digest.js';
import { InProcessRegistry } from '../support/in-process-registry.js';
import { blobAt, TreeInDriver } from '../support/tree-in-driver.js';

const NOBODY = { progressed: () => undefined, damaged: () => undefined };

/** What was in the folder before Stowage came is served as if it had been pushed. */
describe('a registry that has adopted a tree', () => {
  let registry: InProcessRegistry;
  let tree: TreeInDriver;
  let config: Digest;
  let layer: Digest;
  let image: Digest;

  beforeEach(async () => {
    registry = await InProcessRegistry.start();
    tree = new TreeInDriver(registry.container.get(T.storageDriver));
    config = await tree.layer('team/app', 'config');
    layer = await tree.layer('team/app', 'layer');
    image = await tree.image('team/app', config, { layers: [layer] });
    await tree.tag('team/app', 'v1', image);
  });
  afterEach(() => registry.stop());

  async function adopt(): Promise<void> {
    const useCase = await registry.container.getAsync(T.adoptTree);
    await useCase.execute(NOBODY, new AbortController().signal);
  }

  const get = (path: string) => registry.client.send({ path });

  it('gives what is pulled, byte for byte', async () => {
    await adopt();
    const manifest = await get('/v2/team/app/manifests/v1');
    expect(manifest.status).toBe(200);
    expect(manifest.headers['docker-content-digest']).toBe(image.toString());
    expect(`sha256:${createHash('sha256').update(manifest.body).digest('hex')}`).toBe(image.toString());
    const blob = await get(`/v2/team/app/blobs/${layer.toString()}`);
    expect([blob.status, blob.body.toString()]).toEqual([200, 'layer']);
  });

  it('lists repositories and tags', async () => {
    await tree.tag('team/app', 'v0', image);
    await adopt();
    expect(JSON.parse((await get('/v2/_catalog')).body.toString())).toEqual({ repositories: ['team/app'] });
    expect(JSON.parse((await get('/v2/team/app/tags/list')).body.toString())).toEqual({
      name: 'team/app',
      tags: ['v0', 'v1'],
    });
  });

  it('answers which manifests refer to one', async () => {
    const referrer = await tree.image('team/app', config, { subject: image, note: 'signature' });
    await adopt();
    const answer = await get(`/v2/team/app/referrers/${image.toString()}`);
    const { manifests } = JSON.parse(answer.body.toString()) as { manifests: readonly object[] };
    expect(manifests).toEqual([
      expect.objectContaining({ digest: referrer.toString(), annotations: { note: 'signature' } }),
    ]);
  });

  it('pulls names that only the reference registry allows, and goes on behind others', async () => {
    await tree.tag('Team/app', 'v1', await tree.image('Team/app', await tree.layer('Team/app', 'config')));
    await tree.layer('UPPER', 'layer');
    await adopt();
    expect((await get('/v2/Team/app/manifests/v1')).status).toBe(200);
    expect((await get('/v2/team/app/manifests/v1')).status).toBe(200);
  });

  it('heals a damaged blob when it is pushed again, and lets images use it', async () => {
    await tree.file(blobAt(layer), 'cut');
    await adopt();
    const path = `/v2/team/app/blobs/uploads/?digest=${layer.toString()}`;
    const pushed = await registry.client.send({ method: 'POST', path, body: 'layer' });
    expect(pushed.status).toBe(201);
    const blob = await get(`/v2/team/app/blobs/${layer.toString()}`);
    expect([blob.status, blob.body.toString()]).toEqual([200, 'layer']);
  });

  it('heals damage that has the right size', async () => {
    await tree.file(blobAt(layer), 'laser');
    await adopt();
    const path = `/v2/other/blobs/uploads/?digest=${layer.toString()}`;
    const pushed = await registry.client.send({ method: 'POST', path, body: 'layer' });
    expect(pushed.status).toBe(201);
    expect((await get(`/v2/team/app/blobs/${layer.toString()}`)).body.toString()).toBe('layer');
  });

  it('serves a manifest that lacks a layer', async () => {
    const absent = Digest.of('sha256', Buffer.from('absent'));
    await tree.tag('team/app', 'sparse', await tree.image('team/app', config, { layers: [absent] }));
    await adopt();
    expect((await get('/v2/team/app/manifests/sparse')).status).toBe(200);
    expect((await get(`/v2/team/app/blobs/${absent.toString()}`)).status).toBe(404);
  });

  it('has nothing of a manifest of schema 1', async () => {
    await tree.tag('team/app', 'old', await tree.manifest('team/app', { schemaVersion: 1, name: 'app' }));
    await adopt();
    expect((await get('/v2/team/app/manifests/old')).status).toBe(404);
    expect(JSON.parse((await get('/v2/team/app/tags/list')).body.toString())).toMatchObject({ tags: ['v1'] });
  });
});
