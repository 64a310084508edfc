import { MEDIA_TYPES } from '../../../src/domain/content/media-type.js';
import { digestOf } from '../../support/http-client.js';
import { imageManifest } from '../../support/registry-actions.js';
import { pushOf, type Step } from './step.js';

/** What clients say that they take. */
export const ACCEPTS: Readonly<Record<string, string | undefined>> = {
  'no Accept': undefined,
  'Accept of anything': '*/*',
  'Accept of JSON': 'application/json',
  'Accept of docker 28': [
    'application/vnd.docker.distribution.manifest.v2+json',
    'application/vnd.docker.distribution.manifest.list.v2+json',
    'application/vnd.oci.image.manifest.v1+json',
    'application/vnd.oci.image.index.v1+json',
    '*/*',
  ].join(', '),
  'Accept of docker 1.13': [
    'application/vnd.docker.distribution.manifest.v2+json',
    'application/vnd.docker.distribution.manifest.list.v2+json',
    'application/vnd.docker.distribution.manifest.v1+prettyjws',
    'application/json',
  ].join(', '),
  'Accept of docker 1.9': 'application/vnd.docker.distribution.manifest.v1+prettyjws',
  'Accept of oras':
    'application/vnd.oci.image.manifest.v1+json,application/vnd.oci.artifact.manifest.v1+json',
};

export const CONFIG = '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}';
export const LAYER = '0123456789abcdefghijklmnopqrstuvwxyz';

const describe = (mediaType: string, content: string, more: object = {}): object => ({
  mediaType,
  size: Buffer.byteLength(content),
  digest: digestOf(content),
  ...more,
});

export const IMAGE = imageManifest(CONFIG, { layers: [LAYER] });
export const OTHER_IMAGE = imageManifest(CONFIG, { layers: [LAYER], annotations: { other: 'yes' } });
export const DOCKER_IMAGE = JSON.stringify({
  schemaVersion: 2,
  mediaType: MEDIA_TYPES.dockerManifest,
  config: describe('application/vnd.docker.container.image.v1+json', CONFIG),
  layers: [describe('application/vnd.docker.image.rootfs.diff.tar.gzip', LAYER)],
});
const platform = { architecture: 'amd64', os: 'linux' };
export const DOCKER_LIST = JSON.stringify({
  schemaVersion: 2,
  mediaType: MEDIA_TYPES.dockerManifestList,
  manifests: [describe(MEDIA_TYPES.dockerManifest, DOCKER_IMAGE, { platform })],
});
export const INDEX = JSON.stringify({
  schemaVersion: 2,
  mediaType: MEDIA_TYPES.ociIndex,
  manifests: [describe(MEDIA_TYPES.ociManifest, IMAGE, { platform })],
});

/** Each kind of manifest, by the tag that it gets. */
export const MANIFESTS: Readonly<Record<string, readonly [text: string, mediaType: string]>> = {
  image: [IMAGE, MEDIA_TYPES.ociManifest],
  docker: [DOCKER_IMAGE, MEDIA_TYPES.dockerManifest],
  list: [DOCKER_LIST, MEDIA_TYPES.dockerManifestList],
  index: [INDEX, MEDIA_TYPES.ociIndex],
};

/** Pushes the two blobs that each image has. */
export function pushBlobs(
  repository: string,
  headers: Readonly<Record<string, string>> = {},
): readonly Step[] {
  return [
    ...pushOf(repository, `config of ${repository}`, CONFIG, digestOf(CONFIG), headers),
    ...pushOf(repository, `layer of ${repository}`, LAYER, digestOf(LAYER), headers),
  ];
}

/** A push of a manifest by tag. */
export function putOf(
  title: string,
  repository: string,
  reference: string,
  text: string | Uint8Array,
  contentType: string | undefined,
  headers: Readonly<Record<string, string>> = {},
): Step {
  const type = contentType === undefined ? {} : { 'content-type': contentType };
  return [
    title,
    `PUT /v2/${repository}/manifests/${reference}`,
    { headers: { ...headers, ...type }, body: text },
  ];
}

/** A repository with every kind of manifest, each under its tag. */
export function fill(repository: string, headers: Readonly<Record<string, string>> = {}): readonly Step[] {
  return [
    ...pushBlobs(repository, headers),
    ...Object.entries(MANIFESTS).map(([tag, [text, type]]) =>
      putOf(`${tag} of ${repository}`, repository, tag, text, type, headers),
    ),
  ];
}
