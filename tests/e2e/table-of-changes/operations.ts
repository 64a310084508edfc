import { MEDIA_TYPES } from '../../../src/domain/content/media-type.js';
import { digestOf, type Answer, type HttpClient } from '../../support/http-client.js';
import {
  imageManifest,
  indexManifest,
  pushBlob,
  pushImage,
  putManifest,
} from '../../support/registry-actions.js';

const OLD = imageManifest('config', { layers: ['layer'], annotations: { version: 'old' } });
const NEW = imageManifest('config', { layers: ['layer'], annotations: { version: 'new' } });

/** The reference finds an OCI image only for who asks for one. */
const ACCEPT = { accept: MEDIA_TYPES.ociManifest };

/** An operation of the reference, on a repository of its own. */
export interface Operation {
  readonly what: string;
  readonly repository: string;
  /** Before the first run of Stowage. The repository has the layers, `OLD` as `old` and `moving`, `NEW` as `new`. */
  readonly prepare?: (client: HttpClient, repository: string) => Promise<unknown>;
  /** What Stowage says of it before and after. */
  readonly look: (client: HttpClient, repository: string) => Promise<unknown>;
  readonly before: unknown;
  readonly after: unknown;
  /** By the reference, while Stowage is stopped. Without it: what `garbage-collect` does of itself. */
  readonly change?: (client: HttpClient, repository: string) => Promise<unknown>;
  readonly needsTagDelete?: boolean;
}

export const tagged = (tag: string) => async (client: HttpClient, repository: string) => {
  const { status, headers } = await client.send({
    path: `/v2/${repository}/manifests/${tag}`,
    headers: ACCEPT,
  });
  return status === 200 ? headers['docker-content-digest'] : status;
};
const tags = async (client: HttpClient, repository: string): Promise<unknown> => {
  const answer = await client.send({ path: `/v2/${repository}/tags/list` });
  if (answer.status !== 200) return answer.status;
  return (JSON.parse(answer.body.toString()) as { tags: string[] }).tags.toSorted();
};
const status = (what: string) => async (client: HttpClient, repository: string) =>
  (await client.send({ path: `/v2/${repository}/${what}`, headers: ACCEPT })).status;
const remove = (what: string) => async (client: HttpClient, repository: string) =>
  expectStatus(202, client.send({ method: 'DELETE', path: `/v2/${repository}/${what}` }));
const put = (tag: string, manifest: string) => async (client: HttpClient, repository: string) =>
  expectStatus(201, putManifest(client, repository, tag, manifest));
export const isListed = async (client: HttpClient, repository: string): Promise<boolean> =>
  (await client.send({ path: '/v2/_catalog?n=1000' })).body.toString().includes(`"${repository}"`);

const ALL = ['moving', 'new', 'old'];
export const LOOSE = `blobs/${digestOf('loose')}`;
const LAYER = `blobs/${digestOf('layer')}`;

export const OPERATIONS: readonly Operation[] = [
  {
    what: 'a new tag',
    repository: 'op/new-tag',
    look: tags,
    before: ALL,
    change: put('added', OLD),
    after: ['added', ...ALL],
  },
  {
    what: 'a deleted tag',
    repository: 'op/tag-gone',
    look: tags,
    before: ALL,
    change: remove('manifests/moving'),
    after: ['new', 'old'],
    needsTagDelete: true,
  },
  {
    what: 'a tag moved to another image',
    repository: 'op/retag',
    look: tagged('moving'),
    before: digestOf(OLD),
    change: put('moving', NEW),
    after: digestOf(NEW),
  },
  {
    what: 'a tag moved back to an image that it has named before',
    repository: 'op/retag-back',
    prepare: put('moving', NEW),
    look: tagged('moving'),
    before: digestOf(NEW),
    change: put('moving', OLD),
    after: digestOf(OLD),
  },
  {
    what: 'a deleted image',
    repository: 'op/manifest-gone',
    look: status(`manifests/${digestOf(NEW)}`),
    before: 200,
    change: remove(`manifests/${digestOf(NEW)}`),
    after: 404,
  },
  {
    what: 'the tags of a deleted image',
    repository: 'op/manifest-and-tags-gone',
    look: tags,
    before: ALL,
    change: remove(`manifests/${digestOf(OLD)}`),
    after: ['new'],
  },
  {
    what: 'a deleted image that an index lists',
    repository: 'op/child-gone',
    prepare: async (client, repository) =>
      expectStatus(201, putManifest(client, repository, 'list', indexManifest([NEW]), MEDIA_TYPES.ociIndex)),
    look: status(`manifests/${digestOf(NEW)}`),
    before: 200,
    change: remove(`manifests/${digestOf(NEW)}`),
    after: 404,
  },
  {
    what: 'a deleted blob',
    repository: 'op/blob-gone',
    look: status(LAYER),
    before: 200,
    change: remove(LAYER),
    after: 404,
  },
  {
    what: 'an image that was pushed again',
    repository: 'op/manifest-again',
    prepare: remove(`manifests/${digestOf(NEW)}`),
    look: tagged('new'),
    before: 404,
    change: put('new', NEW),
    after: digestOf(NEW),
  },
  {
    what: 'a blob that was pushed again',
    repository: 'op/blob-again',
    prepare: async (client, repository) => {
      await pushBlob(client, repository, 'pinned');
      await remove(`blobs/${digestOf('pinned')}`)(client, repository);
    },
    look: status(`blobs/${digestOf('pinned')}`),
    before: 404,
    change: async (client, repository) => pushBlob(client, repository, 'pinned'),
    after: 200,
  },
  {
    what: 'an image with new blobs',
    repository: 'op/new-blobs',
    look: tagged('fresh'),
    before: 404,
    change: async (client, repository) =>
      pushImage(client, repository, 'fresh', 'fresh config', { layers: ['fresh layer'] }),
    after: digestOf(imageManifest('fresh config', { layers: ['fresh layer'] })),
  },
  {
    what: 'a blob that was collected',
    repository: 'op/collected',
    prepare: async (client, repository) => pushBlob(client, repository, 'loose'),
    look: status(LOOSE),
    before: 200,
    after: 404,
  },
];

/** What the operations need. */
export async function prepare(client: HttpClient, operations: readonly Operation[]): Promise<void> {
  // Read first by garbage-collect: what it names is kept wherever else it lies.
  await pushImage(client, 'aa/pins', '1', 'pins', { layers: ['pinned', 'layer', 'config'] });
  for (const { repository, prepare: more } of operations) {
    for (const blob of ['config', 'layer']) await pushBlob(client, repository, blob);
    for (const tag of ['old', 'moving']) await put(tag, OLD)(client, repository);
    await put('new', NEW)(client, repository);
    await more?.(client, repository);
  }
}

async function expectStatus(expected: number, answer: Promise<Answer>): Promise<void> {
  const { status: actual, body } = await answer;
  if (actual !== expected) throw new Error(`${actual} instead of ${expected}: ${body.toString()}`);
}
