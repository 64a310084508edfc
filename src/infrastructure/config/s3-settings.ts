import type { Schema } from 'convict';
import type { S3Storage } from './config.js';
import { formats } from './formats.js';
import { s3Formats } from './s3-formats.js';
import { setting } from './setting.js';

/** The values of the keys below `storage.s3`. */
export type S3Settings = {
  readonly [Key in keyof Omit<S3Storage, 'kind'>]-?: undefined extends S3Storage[Key]
    ? Exclude<S3Storage[Key], undefined> | null
    : S3Storage[Key] | null;
} & { readonly v4auth: boolean };

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const NOT_SET = { otherwise: 'not set' };
const partSize = s3Formats.bytes(5 * MIB, 5 * GIB);

const identity = {
  bucket: setting<string | null>(s3Formats.text, null, 'The bucket. It must be there.', {
    otherwise: 'none; it must be set',
    example: 'my-images',
  }),
  region: setting<string | null>(s3Formats.text, null, 'The region of the bucket.', {
    otherwise: 'none; it must be set for AWS. `us-east-1` with a `regionendpoint`',
    example: 'eu-central-1',
  }),
  rootdirectory: setting<string | null>(
    s3Formats.text,
    null,
    'What all keys begin with. Slashes at its ends count for nothing.',
    { otherwise: 'nothing: keys begin with `docker/registry/v2`', example: '/registry' },
  ),
  accesskey: setting<string | null>(
    s3Formats.text,
    null,
    'The access key. Without it and `secretkey`, credentials are found as the tools of AWS do: environment, shared files, web identity, container, instance.',
    { ...NOT_SET, example: 'AKIAIOSFODNN7EXAMPLE' },
  ),
  secretkey: setting<string | null>(s3Formats.secret, null, 'The secret key of the access key.', NOT_SET),
  sessiontoken: setting<string | null>(
    s3Formats.secret,
    null,
    'The token of temporary keys. When they expire nothing works any more: better leave all three away.',
    NOT_SET,
  ),
};

const address = {
  regionendpoint: setting<string | null>(
    s3Formats.endpoint,
    null,
    'The address of a store that is not AWS: Ceph, MinIO, R2 and others. A scheme counts for more than `secure`.',
    { otherwise: 'AWS, by `region`', example: 'https://s3.example.com' },
  ),
  redirectendpoint: setting<string | null>(
    s3Formats.origin,
    null,
    'Scheme and host of the addresses to which clients are sent for blobs, where they reach the store by another name.',
    { otherwise: 'the same as the store’s', example: 'https://images.example.com' },
  ),
  forcepathstyle: setting<boolean | null>(
    s3Formats.boolean,
    null,
    'Whether the bucket stands in the path of an address instead of the name of its host.',
    { otherwise: '`true` with a `regionendpoint`, `false` with AWS' },
  ),
  secure: setting(s3Formats.boolean, true, 'Whether an endpoint without a scheme is spoken to by https.'),
  skipverify: setting(s3Formats.boolean, false, 'Takes any certificate of the store.'),
  usedualstack: setting(s3Formats.boolean, false, 'Uses addresses of AWS that have IPv6 too.'),
  accelerate: setting(s3Formats.boolean, false, 'Uses S3 Transfer Acceleration of AWS.'),
  v4auth: setting(s3Formats.onlyTrue, true, 'Signs requests by version 4.'),
  useragent: setting<string | null>(s3Formats.text, null, 'The `User-Agent` of requests to the store.', {
    otherwise: '`stowage`',
  }),
  loglevel: setting<S3Storage['loglevel']>(
    formats.oneOf(
      'off',
      'debug',
      'debugwithsigning',
      'debugwithhttpbody',
      'debugwithrequestretries',
      'debugwithrequesterrors',
      'debugwitheventstreambody',
    ),
    'off',
    'Writes a line in the log for each request to the store. All but `off` are the same: neither signatures nor bodies are written.',
  ),
};

const objects = {
  encrypt: setting(
    s3Formats.boolean,
    false,
    'Asks the store to encrypt every object, with AES256 or `keyid`.',
  ),
  keyid: setting<string | null>(
    s3Formats.text,
    null,
    'The key of KMS that encrypts, with `encrypt`.',
    NOT_SET,
  ),
  storageclass: setting<S3Storage['storageclass']>(
    formats.oneOf(
      'NONE',
      'STANDARD',
      'REDUCED_REDUNDANCY',
      'STANDARD_IA',
      'ONEZONE_IA',
      'INTELLIGENT_TIERING',
      'OUTPOSTS',
      'GLACIER_IR',
      'EXPRESS_ONEZONE',
    ),
    'STANDARD',
    'The storage class of every object. `NONE` says none.',
  ),
  objectacl: setting<S3Storage['objectacl']>(
    formats.oneOf(
      'private',
      'public-read',
      'public-read-write',
      'authenticated-read',
      'aws-exec-read',
      'bucket-owner-read',
      'bucket-owner-full-control',
    ),
    'private',
    'Who else may use every object.',
  ),
};

const sizes = {
  chunksize: setting(partSize, 10 * MIB, 'Bytes of an upload that are sent to the store at once.'),
  multipartcopychunksize: setting(partSize, 32 * MIB, 'Bytes of a part, when the store copies in parts.'),
  multipartcopymaxconcurrency: setting(formats.integer(1), 100, 'Parts that are copied at once.'),
  multipartcopythresholdsize: setting(
    s3Formats.bytes(0, 5 * GIB),
    32 * MIB,
    'What is larger is copied in parts.',
  ),
};

/** The keys below `storage.s3`. */
export const s3Settings: Schema<S3Settings> = { ...identity, ...address, ...objects, ...sizes };
