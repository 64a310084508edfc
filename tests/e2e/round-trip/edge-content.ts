import { MEDIA_TYPES } from '../../../src/domain/content/media-type.js';
import { digestOf, type HttpClient } from '../../support/http-client.js';
import {
  imageManifest,
  indexManifest,
  pushBlob,
  pushImage,
  putManifest,
} from '../../support/registry-actions.js';
import type { AlsoAsked } from '../../support/registry-walk.js';
import type { ProgramName } from './tree-program.js';

const ODD_TAGS = ['_', 'link', 'current', 'index', 'a.b-c_d', 'UPPER', '0', 'x'.repeat(128)];
const ODD_NAMES = [
  'edge/blobs',
  'edge/manifests',
  'edge/tags/list',
  'edge/nested',
  'edge/nested/deeper',
  'edge/nested-x',
  'v2',
  `edge/${'long'.repeat(50)}`,
];

/**
 * What real clients seldom push, by hand: content without a tag, a type or a manifest, repositories inside others, odd
 * names, nested indexes, an empty blob; from Stowage also sha512 and foreign layers, which the reference refuses.
 * @returns what no list tells of it
 */
export async function pushEdgeContent(client: HttpClient, name: ProgramName): Promise<AlsoAsked> {
  const manifests: string[] = [];
  const blobs: string[] = [];
  const untagged = await pushImage(client, 'edge/untagged', undefined, 'untagged config', {
    layers: ['one'],
  });
  manifests.push(`edge/untagged@${digestOf(untagged)}`);
  blobs.push(`edge/loose/blobs/${await pushBlob(client, 'edge/loose', 'no manifest names it')}`);
  for (const repository of ODD_NAMES) {
    await pushImage(client, repository, '1', `config of ${repository}`, { layers: ['shared', ''] });
  }
  const odd = await pushImage(client, 'edge/odd-tags', 'first', 'odd config');
  for (const tag of ODD_TAGS) await expectCreated(putManifest(client, 'edge/odd-tags', tag, odd));
  await pushUntyped(client);
  await pushNested(client);
  const subject = { mediaType: MEDIA_TYPES.ociManifest, digest: digestOf('nowhere'), size: 7 };
  const artifact = { subject, artifactType: 'example/note', layers: ['note'] };
  manifests.push(
    `edge/artifact@${digestOf(await pushImage(client, 'edge/artifact', undefined, '{}', artifact))}`,
  );
  const from = digestOf('shared');
  const mount = `/v2/edge/mounted/blobs/uploads/?mount=${from}&from=edge/nested`;
  await expectCreated(client.send({ method: 'POST', path: mount }));
  blobs.push(`edge/mounted/blobs/${from}`);
  if (name === 'Stowage') manifests.push(...(await pushWhatTheReferenceRefuses(client)));
  return { repositories: ['edge/index-only', 'edge/loose', 'edge/mounted'], manifests, blobs };
}

/** Their type is found in the members that they have. */
async function pushUntyped(client: HttpClient): Promise<void> {
  const untyped = (manifest: string): string =>
    JSON.stringify({ ...JSON.parse(manifest), mediaType: undefined });
  await pushBlob(client, 'edge/untyped', 'config');
  const image = untyped(imageManifest('config'));
  await expectCreated(putManifest(client, 'edge/untyped', 'image', image));
  const index = untyped(indexManifest([image]));
  await expectCreated(putManifest(client, 'edge/untyped', 'index', index, MEDIA_TYPES.ociIndex));
}

async function pushNested(client: HttpClient): Promise<void> {
  const images = [
    await pushImage(client, 'edge/indexes', undefined, 'a'),
    await pushImage(client, 'edge/indexes', undefined, 'b'),
  ];
  const inner = indexManifest(images);
  await expectCreated(putManifest(client, 'edge/indexes', digestOf(inner), inner, MEDIA_TYPES.ociIndex));
  const outer = indexManifest([inner]).replace(MEDIA_TYPES.ociManifest, MEDIA_TYPES.ociIndex);
  await expectCreated(putManifest(client, 'edge/indexes', 'outer', outer, MEDIA_TYPES.ociIndex));
  const empty = indexManifest([]);
  await expectCreated(putManifest(client, 'edge/index-only', 'empty', empty, MEDIA_TYPES.ociIndex));
}

async function pushWhatTheReferenceRefuses(client: HttpClient): Promise<string[]> {
  await pushBlob(client, 'edge/sha512', 'long layer', 'sha512');
  await pushBlob(client, 'edge/sha512', 'config');
  const layered = imageManifest('config', { layers: ['long layer'] }).replace(
    digestOf('long layer'),
    digestOf('long layer', 'sha512'),
  );
  await expectCreated(putManifest(client, 'edge/sha512', 'layer', layered));
  const addressed = imageManifest('config', { annotations: { addressed: 'in sha512' } });
  const digest = digestOf(addressed, 'sha512');
  await expectCreated(putManifest(client, 'edge/sha512', digest, addressed));
  await expectCreated(putManifest(client, 'edge/sha512', `${digest}?tag=addressed`, addressed));
  await pushBlob(client, 'edge/foreign', 'config');
  const foreign = imageManifest('config', { layers: ['elsewhere'] }).replace(
    'application/vnd.oci.image.layer.v1.tar',
    'application/vnd.oci.image.layer.nondistributable.v1.tar',
  );
  await expectCreated(putManifest(client, 'edge/foreign', '1', foreign));
  await pushBlob(client, 'edge/declared', 'config');
  const declared = JSON.stringify({
    ...JSON.parse(imageManifest('config')),
    mediaType: undefined,
    annotations: { by: 'the header' },
  });
  await expectCreated(putManifest(client, 'edge/declared', '1', declared, MEDIA_TYPES.dockerManifest));
  return [`edge/sha512@${digest}`];
}

async function expectCreated(answer: ReturnType<HttpClient['send']>): Promise<void> {
  const { status, body } = await answer;
  if (status !== 201) throw new Error(`${status} ${body.toString()}`);
}
