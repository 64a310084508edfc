import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOKENS as T } from '../../src/container/tokens.js';
import { Digest } from '../../src/domain/content/digest.js';
import { parseManifest } from '../../src/domain/manifest/parse-manifest.js';
import { RepositoryName } from '../../src/domain/repository/repository-name.js';
import { TagName } from '../../src/domain/tag/tag-name.js';
import { digestOf, errorCodes, type HttpClient } from '../support/http-client.js';
import { InProcessRegistry } from '../support/in-process-registry.js';
import { indexManifest, pushBlob } from '../support/registry-actions.js';

const NAME = 'Team.Example/app';
const ID = '0b4c1e46-3b0f-4a52-8f0a-6b1a4c3d2e1f';

/** The repository as an adopted tree has it: no request can make it. */
describe('a repository whose name only the reference registry allows', () => {
  let registry: InProcessRegistry;
  let client: HttpClient;
  const manifest = indexManifest([]);
  const manifestDigest = digestOf(manifest);
  const blobDigest = digestOf('layer');

  beforeAll(async () => {
    registry = await InProcessRegistry.start();
    client = registry.client;
    await pushBlob(client, 'source', 'layer');
    const { container } = registry;
    const repository = RepositoryName.parseExisting(NAME);
    const blobs = await container.getAsync(T.blobIndex);
    const names = await container.getAsync(T.namePublisher);
    const mounted = await blobs.mount({
      mayUse: () => true,
      digest: Digest.parse(blobDigest),
      source: 'anywhere',
      target: repository,
      now: 0,
    });
    const index = await container.getAsync(T.manifestIndex);
    const put = await index.put({
      repository,
      manifest: parseManifest(Buffer.from(manifest), undefined, Digest.parse(manifestDigest)),
      tags: ['v1', 'v2'].map((tag) => TagName.parse(tag)),
      sparse: false,
      now: 0,
    });
    if (put.kind !== 'stored' || mounted === undefined) throw new Error('the repository was not made');
    await names.publish([...mounted, ...put.changes]);
  });
  afterAll(async () => registry.stop());

  it.each([
    ['GET', `manifests/v1`],
    ['HEAD', `manifests/${manifestDigest}`],
    ['GET', `blobs/${blobDigest}`],
    ['HEAD', `blobs/${blobDigest}`],
    ['GET', `tags/list`],
    ['GET', `referrers/${manifestDigest}`],
  ])('is read: %s %s', async (method, path) => {
    expect((await client.send({ method, path: `/v2/${NAME}/${path}` })).status).toBe(200);
  });

  it('is in the catalog, in byte order', async () => {
    const { body } = await client.send({ path: '/v2/_catalog' });
    expect(JSON.parse(body.toString())).toEqual({ repositories: [NAME, 'source'] });
  });

  it('gives its blobs to a mount', async () => {
    const path = `/v2/target/blobs/uploads/?mount=${blobDigest}&from=${encodeURIComponent(NAME)}`;
    expect((await client.send({ method: 'POST', path })).status).toBe(201);
  });

  it('has no upload, and says so when it is asked for one', async () => {
    for (const method of ['GET', 'DELETE']) {
      const answer = await client.send({ method, path: `/v2/${NAME}/blobs/uploads/${ID}` });
      expect([answer.status, errorCodes(answer)]).toEqual([404, ['BLOB_UPLOAD_UNKNOWN']]);
    }
  });

  it.each([
    ['POST', 'blobs/uploads/'],
    ['POST', `blobs/uploads/?digest=${blobDigest}`],
    ['POST', `blobs/uploads/?mount=${blobDigest}&from=source`],
    ['PATCH', `blobs/uploads/${ID}`],
    ['PUT', `blobs/uploads/${ID}?digest=${blobDigest}`],
    ['PUT', 'manifests/v3'],
    ['PUT', `manifests/${manifestDigest}`],
  ])('is not pushed to: %s %s', async (method, path) => {
    const answer = await client.send({ method, path: `/v2/${NAME}/${path}`, body: 'layer' });
    expect([answer.status, errorCodes(answer)]).toEqual([400, ['NAME_INVALID']]);
    expect(answer.body.toString()).toContain('can be pulled by this name, but not pushed');
  });

  it('loses a tag, a manifest and a blob by deletes', async () => {
    for (const path of ['manifests/v2', `manifests/${manifestDigest}`, `blobs/${blobDigest}`]) {
      const answer = await client.send({ method: 'DELETE', path: `/v2/${NAME}/${path}` });
      expect([path, answer.status]).toEqual([path, 202]);
    }
    expect(errorCodes(await client.send({ path: `/v2/${NAME}/tags/list` }))).toEqual(['NAME_UNKNOWN']);
  });

  it.each([`/v2/host:5000/app/tags/list`, `/v2/host%3A5000/app/tags/list`])(
    'may carry a port, and is unknown where it does not exist: %s',
    async (path) => {
      const answer = await client.send({ path });
      expect([answer.status, errorCodes(answer)]).toEqual([404, ['NAME_UNKNOWN']]);
    },
  );
});
