import type { Wanted } from '../compare.js';

export const BLOBS: readonly Wanted[] = [
  {
    reason: 'ranges',
    what: 'outcome',
    reference: '416 no error of OCI +docker-content-digest +x-content-type-options',
    stowage: '416 SIZE_INVALID',
    at: ['blob reads: Range of what is behind the end', 'blob reads: Range of what is far behind the end'],
  },
  {
    reason: 'ranges',
    what: 'outcome',
    reference: '416 no error of OCI +docker-content-digest +x-content-type-options',
    stowage: '416 SIZE_INVALID +content-range',
    at: ['blob reads: Range of last before first'],
  },
  {
    reason: 'ranges',
    what: 'outcome',
    reference: '206 +accept-ranges +cache-control +docker-content-digest +etag',
    stowage: '416 SIZE_INVALID',
    at: ['blob reads: Range of nothing'],
  },
  {
    reason: 'ranges',
    what: 'outcome',
    reference: '206',
    stowage: '200',
    at: ['blob reads: Range of two parts'],
  },
  {
    reason: 'ranges',
    what: 'outcome',
    reference: '206 +content-range',
    stowage: '200',
    at: [
      'blob reads: Range of two parts, one behind the end',
      'blob reads: Range of spaces in it',
      'blob reads: HEAD with a Range',
    ],
  },
  {
    reason: 'ranges',
    what: 'outcome',
    reference: '416 no error of OCI +x-content-type-options',
    stowage: '200 +accept-ranges +cache-control +etag',
    at: [
      'blob reads: Range of another unit',
      'blob reads: Range of no numbers',
      'blob reads: Range of no dash',
    ],
  },
  {
    reason: 'ranges',
    what: 'outcome',
    reference: '416 +content-range +x-content-type-options',
    stowage: '200 +accept-ranges +cache-control +etag',
    at: ['blob reads: HEAD with a Range behind the end'],
  },
  {
    reason: 'if-match',
    what: 'outcome',
    reference: 'the connection ends',
    stowage: '200 +accept-ranges +cache-control +docker-content-digest +etag',
    at: [
      'blob reads: GET, if-match of its digest',
      'blob reads: GET, if-match of its digest, weak',
      'blob reads: GET, if-match of another',
    ],
  },
  {
    reason: 'if-match',
    what: 'outcome',
    reference: '412',
    stowage: '200 +accept-ranges',
    at: [
      'blob reads: HEAD, if-match of its digest',
      'blob reads: HEAD, if-match of its digest, weak',
      'blob reads: HEAD, if-match of another',
    ],
  },
  {
    reason: 'sha512',
    what: 'outcome',
    reference: '400 DIGEST_INVALID',
    stowage: '201 +docker-content-digest +etag +location',
    at: ['manifest pushes: by digest of sha512'],
  },
  {
    reason: 'sha512',
    what: 'header docker-content-digest',
    reference: 'sha256:fc66f021c67d064c1490a12b5a4d4d2f5167ca692a16ca12f1f3a4cda29a6fa9',
    stowage:
      'sha512:81272eedec36d7d4ab9b6dcc8f3b84cca9f2383d545213ca0a6326983af7bb0c869f17dd06c95c89322122997144a32da80af27e8f976e97d2c5cf55e3ae8b37',
    at: ['blob sha512: sha512: end', 'blob sha512: GET', 'blob sha512: HEAD'],
  },
  {
    reason: 'sha512',
    what: 'header location',
    reference:
      '/v2/blob/sha512/blobs/sha256:fc66f021c67d064c1490a12b5a4d4d2f5167ca692a16ca12f1f3a4cda29a6fa9',
    stowage:
      '/v2/blob/sha512/blobs/sha512:81272eedec36d7d4ab9b6dcc8f3b84cca9f2383d545213ca0a6326983af7bb0c869f17dd06c95c89322122997144a32da80af27e8f976e97d2c5cf55e3ae8b37',
    at: ['blob sha512: sha512: end'],
  },
  {
    reason: 'sha512',
    what: 'header etag',
    reference: '"sha256:fc66f021c67d064c1490a12b5a4d4d2f5167ca692a16ca12f1f3a4cda29a6fa9"',
    stowage:
      '"sha512:81272eedec36d7d4ab9b6dcc8f3b84cca9f2383d545213ca0a6326983af7bb0c869f17dd06c95c89322122997144a32da80af27e8f976e97d2c5cf55e3ae8b37"',
    at: ['blob sha512: GET', 'blob sha512: HEAD'],
  },
  {
    reason: 'sha512',
    what: 'outcome',
    reference: '200 +accept-ranges +cache-control +docker-content-digest +etag',
    stowage: '404 BLOB_UNKNOWN',
    at: ['blob sha512: GET of its sha256'],
  },
  {
    reason: 'sha384',
    what: 'outcome',
    reference: '404 BLOB_UNKNOWN',
    stowage: '400 DIGEST_INVALID',
    at: ['blob unknown: GET of a digest of sha384', 'blob unknown: DELETE of a digest of sha384'],
  },
  {
    reason: 'sha384',
    what: 'outcome',
    reference: '404',
    stowage: '400',
    at: ['blob unknown: HEAD of a digest of sha384'],
  },
];
