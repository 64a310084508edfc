import { digestOf } from '../../../support/http-client.js';
import { fill, IMAGE, LAYER } from '../content.js';
import { pushOf, type Group, type Step } from '../step.js';

const REPOSITORY = 'blob/reads';
const DIGEST = digestOf(LAYER);
const AT = `/v2/${REPOSITORY}/blobs/${DIGEST}`;
const EMPTY = digestOf('');

const RANGES: Readonly<Record<string, string>> = {
  'the first byte': 'bytes=0-0',
  'some bytes': 'bytes=3-7',
  'all from one on': 'bytes=30-',
  'the last ones': 'bytes=-4',
  'more last ones than there are': 'bytes=-400',
  'more than there are': 'bytes=30-400',
  'what is behind the end': 'bytes=36-',
  'what is far behind the end': 'bytes=400-500',
  'last before first': 'bytes=7-3',
  nothing: 'bytes=-0',
  'two parts': 'bytes=0-1,4-5',
  'two parts, one behind the end': 'bytes=0-1,400-500',
  'another unit': 'items=0-1',
  'no numbers': 'bytes=a-b',
  'no dash': 'bytes=5',
  'an empty one': 'bytes=',
  'spaces in it': 'bytes= 3 - 7',
};
const ranges: readonly Step[] = [
  ...Object.entries(RANGES).map(([named, range]): Step => [
    `Range of ${named}`,
    `GET ${AT}`,
    { headers: { range } },
  ]),
  ['HEAD with a Range', `HEAD ${AT}`, { headers: { range: 'bytes=3-7' } }],
  ['HEAD with a Range behind the end', `HEAD ${AT}`, { headers: { range: 'bytes=400-' } }],
  ['a Range of nothing at all', `GET /v2/${REPOSITORY}/blobs/${EMPTY}`, { headers: { range: 'bytes=0-' } }],
  ['If-Range of it', `GET ${AT}`, { headers: { range: 'bytes=3-7', 'if-range': `"${DIGEST}"` } }],
  ['If-Range of it, weak', `GET ${AT}`, { headers: { range: 'bytes=3-7', 'if-range': `W/"${DIGEST}"` } }],
  ['If-Range of it, bare', `GET ${AT}`, { headers: { range: 'bytes=3-7', 'if-range': DIGEST } }],
  ['If-Range of another', `GET ${AT}`, { headers: { range: 'bytes=3-7', 'if-range': '"x"' } }],
  [
    'If-Range of a date',
    `GET ${AT}`,
    { headers: { range: 'bytes=3-7', 'if-range': 'Sun, 06 Nov 1994 08:49:37 GMT' } },
  ],
];

const TAGS: Readonly<Record<string, string>> = {
  'its digest in quotes': `"${DIGEST}"`,
  'its digest': DIGEST,
  'its digest, weak': `W/"${DIGEST}"`,
  'a list with it': `"x", "${DIGEST}"`,
  anything: '*',
  another: '"x"',
};
const conditions: readonly Step[] = ['if-none-match', 'if-match'].flatMap((header) =>
  Object.entries(TAGS).flatMap(([named, tag]) =>
    ['GET', 'HEAD'].map((method): Step => [
      `${method}, ${header} of ${named}`,
      `${method} ${AT}`,
      { headers: { [header]: tag } },
    ]),
  ),
);

const reads: readonly Step[] = [
  ['whole', `GET ${AT}`],
  ['HEAD', `HEAD ${AT}`],
  ['empty', `GET /v2/${REPOSITORY}/blobs/${EMPTY}`],
  ['HEAD of an empty one', `HEAD /v2/${REPOSITORY}/blobs/${EMPTY}`],
  ['a query', `GET ${AT}?x=1`],
  ['Accept of another type', `GET ${AT}`, { headers: { accept: 'text/plain' } }],
  ['Accept-Encoding', `GET ${AT}`, { headers: { 'accept-encoding': 'gzip' } }],
  ['If-Modified-Since', `GET ${AT}`, { headers: { 'if-modified-since': 'Sun, 06 Nov 2039 08:49:37 GMT' } }],
];

const UNKNOWN: Readonly<Record<string, string>> = {
  'an unknown digest': `/v2/${REPOSITORY}/blobs/${digestOf('absent')}`,
  'an unknown repository': `/v2/blob/nowhere/blobs/${DIGEST}`,
  'an unknown digest of sha512': `/v2/${REPOSITORY}/blobs/${digestOf('absent', 'sha512')}`,
  'the digest of a manifest': `/v2/${REPOSITORY}/blobs/${digestOf(IMAGE)}`,
  'a digest that is too short': `/v2/${REPOSITORY}/blobs/sha256:abc`,
  'a digest in upper case': `/v2/${REPOSITORY}/blobs/sha256:${'A'.repeat(64)}`,
  'a digest of an unknown algorithm': `/v2/${REPOSITORY}/blobs/sha257:${'0'.repeat(64)}`,
  'a digest of sha384': `/v2/${REPOSITORY}/blobs/sha384:${'0'.repeat(96)}`,
  'no digest': `/v2/${REPOSITORY}/blobs/none`,
  'a name in upper case': `/v2/BLOB/blobs/${DIGEST}`,
};
const unknown: readonly Step[] = Object.entries(UNKNOWN).flatMap(([named, path]) =>
  ['GET', 'HEAD', 'DELETE'].map((method): Step => [`${method} of ${named}`, `${method} ${path}`]),
);

const LONG = digestOf('long', 'sha512');
const sha512: readonly Step[] = [
  ...pushOf('blob/sha512', 'sha512', 'long', LONG),
  ['GET', `GET /v2/blob/sha512/blobs/${LONG}`],
  ['HEAD', `HEAD /v2/blob/sha512/blobs/${LONG}`],
  ['GET of its sha256', `GET /v2/blob/sha512/blobs/${digestOf('long')}`],
];

export const BLOB_GROUPS: readonly Group[] = [
  {
    name: 'blob reads',
    steps: [
      ...fill(REPOSITORY),
      ...pushOf(REPOSITORY, 'empty blob', '', EMPTY),
      ...reads,
      ...ranges,
      ...conditions,
    ],
  },
  { name: 'blob unknown', steps: [...fill(REPOSITORY), ...unknown] },
  { name: 'blob sha512', steps: sha512 },
];
