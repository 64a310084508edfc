import { MEDIA_TYPES } from '../../../../src/domain/content/media-type.js';
import { digestOf } from '../../../support/http-client.js';
import {
  ACCEPTS,
  CONFIG,
  DOCKER_IMAGE,
  DOCKER_LIST,
  fill,
  IMAGE,
  INDEX,
  LAYER,
  MANIFESTS,
  OTHER_IMAGE,
  pushBlobs,
  putOf,
} from '../content.js';
import type { Group, Step } from '../step.js';

const OCI = MEDIA_TYPES.ociManifest;
const ABSENT = digestOf('absent');

/** Every kind, by tag and by digest, to every client. */
const reads: readonly Step[] = Object.entries(MANIFESTS).flatMap(([tag, [text]]) =>
  Object.entries(ACCEPTS).flatMap(([named, accept]) =>
    [tag, digestOf(text)].flatMap((reference) =>
      ['GET', 'HEAD'].map((method): Step => [
        `${method} ${tag} by ${reference === tag ? 'tag' : 'digest'}, ${named}`,
        `${method} /v2/manifest/reads/manifests/${reference}`,
        accept === undefined ? {} : { headers: { accept } },
      ]),
    ),
  ),
);

const CONDITIONS: Readonly<Record<string, string>> = {
  'its digest in quotes': `"${digestOf(IMAGE)}"`,
  'its digest': digestOf(IMAGE),
  'its digest, weak': `W/"${digestOf(IMAGE)}"`,
  'a list with its digest': `"x", "${digestOf(IMAGE)}"`,
  anything: '*',
  another: `"${digestOf('another')}"`,
};
const conditions: readonly Step[] = Object.entries(CONDITIONS).flatMap(([named, value]) =>
  ['image', digestOf(IMAGE)].flatMap((reference) =>
    ['GET', 'HEAD'].map((method): Step => [
      `${method} by ${reference === 'image' ? 'tag' : 'digest'}, If-None-Match of ${named}`,
      `${method} /v2/manifest/conditions/manifests/${reference}`,
      { headers: { accept: OCI, 'if-none-match': value } },
    ]),
  ),
);

const UNKNOWN: Readonly<Record<string, string>> = {
  'an unknown tag': '/v2/manifest/unknown/manifests/none',
  'an unknown repository': '/v2/manifest/nowhere/manifests/none',
  'an unknown digest': `/v2/manifest/unknown/manifests/${ABSENT}`,
  'an unknown digest of sha512': `/v2/manifest/unknown/manifests/${digestOf('absent', 'sha512')}`,
  'a digest of another repository': `/v2/manifest/nowhere/manifests/${digestOf(IMAGE)}`,
  'the digest of a blob': `/v2/manifest/unknown/manifests/${digestOf(LAYER)}`,
  'a digest that is too short': '/v2/manifest/unknown/manifests/sha256:abc',
  'a digest in upper case': `/v2/manifest/unknown/manifests/${ABSENT.toUpperCase()}`,
  'a digest of an unknown algorithm': `/v2/manifest/unknown/manifests/sha257:${'0'.repeat(64)}`,
  'a digest of md5': `/v2/manifest/unknown/manifests/md5:${'0'.repeat(32)}`,
  'a tag that begins with a dot': '/v2/manifest/unknown/manifests/.none',
  'a tag that is too long': `/v2/manifest/unknown/manifests/${'t'.repeat(129)}`,
  'a tag with a strange letter': '/v2/manifest/unknown/manifests/no!ne',
  'a name in upper case': '/v2/MANIFEST/manifests/none',
};
const unknown: readonly Step[] = Object.entries(UNKNOWN).flatMap(([named, path]) =>
  ['GET', 'HEAD', 'DELETE'].map((method): Step => [`${method} of ${named}`, `${method} ${path}`]),
);

const changed = (over: object): string => JSON.stringify({ ...(JSON.parse(IMAGE) as object), ...over });
const described = (digest: string, mediaType = 'application/vnd.oci.image.layer.v1.tar', more = {}) => ({
  mediaType,
  digest,
  size: 36,
  ...more,
});
const put = (title: string, text: string, type: string | undefined, reference = 'bad'): Step =>
  putOf(title, 'manifest/pushes', reference, text, type);

const bad: readonly Step[] = [
  put('no content type', IMAGE, undefined),
  put('text/plain', IMAGE, 'text/plain'),
  put('application/json', IMAGE, 'application/json'),
  put('a content type that is none', IMAGE, 'oci'),
  put('the content type of another kind', IMAGE, MEDIA_TYPES.dockerManifest),
  put('the content type of an index', IMAGE, MEDIA_TYPES.ociIndex),
  put('an index as an image', INDEX, OCI),
  put('a list as a docker image', DOCKER_LIST, MEDIA_TYPES.dockerManifest),
  put('an artifact manifest of the past', '{}', 'application/vnd.oci.artifact.manifest.v1+json'),
  put('schema 1', '{"schemaVersion":1}', 'application/vnd.docker.distribution.manifest.v1+prettyjws'),
  put('no body', '', OCI),
  put('broken JSON', '{"schemaVersion":2,', OCI),
  put('JSON that is a list', '[]', OCI),
  put('JSON that is null', 'null', OCI),
  put('an empty object', '{}', OCI),
  put('schemaVersion 1', changed({ schemaVersion: 1 }), OCI),
  put('schemaVersion as a text', changed({ schemaVersion: '2' }), OCI),
  put('another mediaType in it', changed({ mediaType: MEDIA_TYPES.ociIndex }), OCI),
  put('layers and manifests', changed({ manifests: [] }), OCI),
  put(
    'an index with layers',
    JSON.stringify({ ...(JSON.parse(INDEX) as object), layers: [] }),
    MEDIA_TYPES.ociIndex,
  ),
  put('no config', changed({ config: undefined }), OCI),
  put('a config that is not there', changed({ config: described(ABSENT) }), OCI),
  put('a layer that is not there', changed({ layers: [described(ABSENT)] }), OCI),
  put(
    'two layers that are not there',
    changed({ layers: [ABSENT, digestOf('x')].map((each) => described(each)) }),
    OCI,
  ),
  put('a layer with a broken digest', changed({ layers: [described('sha256:abc')] }), OCI),
  put('a layer without a digest', changed({ layers: [{ mediaType: 'x', size: 1 }] }), OCI),
  put('a layer of another size', changed({ layers: [described(digestOf(LAYER), 'x/y', { size: 35 })] }), OCI),
  put(
    'a layer of a negative size',
    changed({ layers: [described(digestOf(LAYER), 'x/y', { size: -1 })] }),
    OCI,
  ),
  put(
    'a foreign layer',
    changed({
      layers: [
        described(ABSENT, 'application/vnd.oci.image.layer.nondistributable.v1.tar', {
          urls: ['https://a.example/l'],
        }),
      ],
    }),
    OCI,
  ),
  put(
    'an index of what is not there',
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociIndex,
      manifests: [described(ABSENT, OCI)],
    }),
    MEDIA_TYPES.ociIndex,
  ),
  put(
    'a list of what is not there',
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.dockerManifestList,
      manifests: [
        described(ABSENT, MEDIA_TYPES.dockerManifest, { platform: { architecture: 'amd64', os: 'linux' } }),
      ],
    }),
    MEDIA_TYPES.dockerManifestList,
  ),
  put('too large', changed({ annotations: { a: 'a'.repeat(4 * 1024 * 1024) } }), OCI),
  put('a wrong digest', IMAGE, OCI, ABSENT),
  put('a digest that is too short', IMAGE, OCI, 'sha256:abc'),
  put('a digest of an unknown algorithm', IMAGE, OCI, `sha257:${'0'.repeat(64)}`),
  put('a tag that begins with a dot', IMAGE, OCI, '.bad'),
  put('a tag that is too long', IMAGE, OCI, 't'.repeat(129)),
  put('a tag with a strange letter', IMAGE, OCI, 'b!d'),
  putOf('a repository without the blobs', 'manifest/nothing', '1', IMAGE, OCI),
  putOf('a name in upper case', 'MANIFEST', '1', IMAGE, OCI),
  ['what bad pushes have left', 'GET /v2/manifest/pushes/manifests/bad', { headers: { accept: '*/*' } }],
  ['tags that bad pushes have left', 'GET /v2/manifest/pushes/tags/list'],
];

const good: readonly Step[] = [
  put('by tag', IMAGE, OCI, 'good'),
  put('by the same tag again', IMAGE, OCI, 'good'),
  put('another by the same tag', OTHER_IMAGE, OCI, 'good'),
  put('by digest', IMAGE, OCI, digestOf(IMAGE)),
  put('by digest of sha512', IMAGE, OCI, digestOf(IMAGE, 'sha512')),
  put('with a charset', IMAGE, `${OCI}; charset=utf-8`, 'charset'),
  put('a content type in upper case', IMAGE, OCI.toUpperCase(), 'upper'),
  put('without mediaType in it', changed({ mediaType: undefined }), OCI, 'untyped'),
  put('with spaces', JSON.stringify(JSON.parse(IMAGE), undefined, 3), OCI, 'spaces'),
  put('with what nobody knows', changed({ unknown: { a: [1] } }), OCI, 'unknown'),
  put('with a subject', changed({ subject: described(digestOf(IMAGE), OCI) }), OCI, 'subject'),
  put('with a subject that is not there', changed({ subject: described(ABSENT, OCI) }), OCI, 'early'),
  put('an artifact', changed({ artifactType: 'application/x.y' }), OCI, 'artifact'),
  put('without layers', changed({ layers: [] }), OCI, 'empty'),
  put('with a key twice', IMAGE.replace('{', '{"schemaVersion":2,'), OCI, 'twice'),
  put('an empty index', JSON.stringify({ schemaVersion: 2, manifests: [] }), MEDIA_TYPES.ociIndex, 'none'),
  put('an index', INDEX, MEDIA_TYPES.ociIndex, 'index'),
  put('docker', DOCKER_IMAGE, MEDIA_TYPES.dockerManifest, 'docker'),
  [
    'in pieces',
    'PUT /v2/manifest/pushes/manifests/pieces',
    { headers: { 'content-type': OCI }, body: IMAGE, chunked: true },
  ],
  [
    'with tags in its query',
    `PUT /v2/manifest/pushes/manifests/${digestOf(IMAGE)}?tag=q1&tag=q2`,
    { headers: { 'content-type': OCI }, body: IMAGE },
  ],
  ['what it got', 'GET /v2/manifest/pushes/manifests/spaces', { headers: { accept: OCI } }],
  ['tags', 'GET /v2/manifest/pushes/tags/list'],
];

const TWO_TAGS = OTHER_IMAGE;
const deletes: readonly Step[] = [
  ...fill('manifest/deletes'),
  ...['a', 'b'].map((tag) => putOf(`tag ${tag}`, 'manifest/deletes', tag, TWO_TAGS, OCI)),
  ['a tag', 'DELETE /v2/manifest/deletes/manifests/a'],
  ['the tag again', 'DELETE /v2/manifest/deletes/manifests/a'],
  ['the tag is gone', 'GET /v2/manifest/deletes/manifests/a', { headers: { accept: OCI } }],
  [
    'the manifest is not',
    `HEAD /v2/manifest/deletes/manifests/${digestOf(TWO_TAGS)}`,
    { headers: { accept: OCI } },
  ],
  ['a digest', `DELETE /v2/manifest/deletes/manifests/${digestOf(TWO_TAGS)}`],
  ['the digest again', `DELETE /v2/manifest/deletes/manifests/${digestOf(TWO_TAGS)}`],
  ['its other tag is gone', 'GET /v2/manifest/deletes/manifests/b', { headers: { accept: OCI } }],
  ['tags that are left', 'GET /v2/manifest/deletes/tags/list'],
  ['what an index lists', `DELETE /v2/manifest/deletes/manifests/${digestOf(IMAGE)}`],
  ['the index', `DELETE /v2/manifest/deletes/manifests/${digestOf(INDEX)}`],
  ['what the index listed', `DELETE /v2/manifest/deletes/manifests/${digestOf(IMAGE)}`],
  ['a layer that a manifest has', `DELETE /v2/manifest/deletes/blobs/${digestOf(LAYER)}`],
  ['the list', `DELETE /v2/manifest/deletes/manifests/${digestOf(DOCKER_LIST)}`],
  ['what the list listed', `DELETE /v2/manifest/deletes/manifests/${digestOf(DOCKER_IMAGE)}`],
  ['a layer that nothing has', `DELETE /v2/manifest/deletes/blobs/${digestOf(LAYER)}`],
  ['the layer again', `DELETE /v2/manifest/deletes/blobs/${digestOf(LAYER)}`],
  ['config that nothing has', `DELETE /v2/manifest/deletes/blobs/${digestOf(CONFIG)}`],
  ['tags of a repository that has none', 'GET /v2/manifest/deletes/tags/list'],
  ['a tag of it', 'GET /v2/manifest/deletes/manifests/image'],
];

export const MANIFEST_GROUPS: readonly Group[] = [
  { name: 'manifest reads', steps: [...fill('manifest/reads'), ...reads] },
  { name: 'manifest conditions', steps: [...fill('manifest/conditions'), ...conditions] },
  { name: 'manifest unknown', steps: [...fill('manifest/unknown'), ...unknown] },
  { name: 'manifest pushes', steps: [...pushBlobs('manifest/pushes'), ...bad, ...good] },
  { name: 'manifest deletes', steps: deletes },
];
