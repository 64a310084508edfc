import { MEDIA_TYPES } from '../../../../src/domain/content/media-type.js';
import { digestOf } from '../../../support/http-client.js';
import { IMAGE, pushBlobs, putOf } from '../content.js';
import type { Group, Step } from '../step.js';

const TAGS = ['1', '1.0', '1.0-alpine', '1.0.1', '2', 'A', '_x', 'latest'];
const NAMES = ['a', 'a-b', 'a/b', 'a/b/c', 'a1', 'b_c', 'list/full', 'z'];

const filled: readonly Step[] = NAMES.flatMap((name): readonly Step[] => [
  ...pushBlobs(name),
  ...(name === 'list/full' ? TAGS : ['1']).map((tag) =>
    putOf(`${name}:${tag}`, name, tag, IMAGE, MEDIA_TYPES.ociManifest),
  ),
]);

const PAGES: Readonly<Record<string, string>> = {
  all: '',
  'n of 1': '?n=1',
  'n of 3': '?n=3',
  'n of 3 behind one': '?n=3&last=1.0',
  'n of all': '?n=8',
  'n of more': '?n=9',
  'n of 1000': '?n=1000',
  'n of 1001': '?n=1001',
  'n of a million': '?n=1000000',
  'n of a number that is too large': '?n=99999999999999999999',
  'n of 0': '?n=0',
  'n of -1': '?n=-1',
  'n of a word': '?n=x',
  'n of 1.5': '?n=1.5',
  'n with a plus': '?n=%2B1',
  'n with a zero before it': '?n=03',
  'n of nothing': '?n=',
  'n twice': '?n=1&n=2',
  last: '?last=1.0.1',
  'last that is not there': '?last=1.5',
  'last that is the last': '?last=zzz',
  'last of nothing': '?last=',
  'last of what can be no name': '?last=%21%21',
  'last with a slash': '?n=2&last=a/b',
  'what nobody knows': '?x=1&n=2',
};

const lists = (path: string): readonly Step[] =>
  Object.entries(PAGES).map(([named, query]): Step => [named, `GET ${path}${query}`]);

const FULL = '/v2/list/full/tags/list';
const unknown: readonly Step[] = [
  ['an unknown repository', 'GET /v2/list/nowhere/tags/list'],
  ['an unknown repository, n of 0', 'GET /v2/list/nowhere/tags/list?n=0'],
  ['an unknown repository, last', 'GET /v2/list/nowhere/tags/list?last=x'],
  ['an unknown repository, bad n', 'GET /v2/list/nowhere/tags/list?n=x'],
  ['the beginning of a name', 'GET /v2/list/tags/list'],
  ['HEAD', `HEAD ${FULL}`],
  ['HEAD of an unknown repository', 'HEAD /v2/list/nowhere/tags/list'],
  ['Accept of another type', `GET ${FULL}`, { headers: { accept: 'text/html' } }],
  ['a name in upper case', 'GET /v2/LIST/tags/list'],
  ['begin of an upload alone', 'POST /v2/list/begun/blobs/uploads/'],
  ['tags of a repository with an upload alone', 'GET /v2/list/begun/tags/list'],
  ...pushBlobs('list/blobs'),
  ['tags of a repository with blobs alone', 'GET /v2/list/blobs/tags/list'],
  ['the catalog behind it', 'GET /v2/_catalog'],
  ['HEAD of the catalog', 'HEAD /v2/_catalog'],
];

const signature = JSON.stringify({
  ...(JSON.parse(IMAGE) as object),
  subject: { mediaType: MEDIA_TYPES.ociManifest, digest: digestOf(IMAGE), size: Buffer.byteLength(IMAGE) },
});
const REFERRERS = `/v2/list/full/referrers`;
const referrers: readonly Step[] = [
  putOf('a signature', 'list/full', digestOf(signature), signature, MEDIA_TYPES.ociManifest),
  ['of an image', `GET ${REFERRERS}/${digestOf(IMAGE)}`],
  ['HEAD of an image', `HEAD ${REFERRERS}/${digestOf(IMAGE)}`],
  ['of an image, by type', `GET ${REFERRERS}/${digestOf(IMAGE)}?artifactType=a/b`],
  ['of what has none', `GET ${REFERRERS}/${digestOf('none')}`],
  ['of an unknown repository', `GET /v2/list/nowhere/referrers/${digestOf(IMAGE)}`],
  ['of a broken digest', `GET ${REFERRERS}/sha256:abc`],
  ['of a tag', `GET ${REFERRERS}/latest`],
  ['of nothing', `GET ${REFERRERS}/`],
  ['POST', `POST ${REFERRERS}/${digestOf(IMAGE)}`],
];

export const LIST_GROUPS: readonly Group[] = [
  {
    name: 'catalog of nothing',
    steps: [
      ['catalog', 'GET /v2/_catalog'],
      ['one', 'GET /v2/_catalog?n=1'],
    ],
  },
  { name: 'lists filled', steps: filled },
  { name: 'tags', steps: lists(FULL) },
  { name: 'catalog', steps: lists('/v2/_catalog') },
  { name: 'lists unknown', steps: unknown },
  { name: 'referrers', steps: referrers },
];
