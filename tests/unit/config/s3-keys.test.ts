import { describe, expect, it } from 'vitest';
import { configured, CWD, problemsOf } from './configured.js';

const METADATA = 'metadata: {sqlite: {path: names.db}}';
/** A file with a store, by its keys in flow style. */
const s3 = (keys: string, ...lines: readonly string[]) =>
  ['version: 0.1', `storage: {s3: {${keys}}}`, ...(lines.length > 0 ? lines : [METADATA]), ''].join('\n');
const WHOLE = 'bucket: images, region: eu-central-1';

const DEFAULTS = {
  kind: 's3',
  bucket: 'images',
  region: 'eu-central-1',
  rootdirectory: '',
  secure: true,
  skipverify: false,
  usedualstack: false,
  accelerate: false,
  loglevel: 'off',
  encrypt: false,
  storageclass: 'STANDARD',
  objectacl: 'private',
  chunksize: 10 * 1024 ** 2,
  multipartcopychunksize: 32 * 1024 ** 2,
  multipartcopymaxconcurrency: 100,
  multipartcopythresholdsize: 32 * 1024 ** 2,
};

describe('storage.s3', () => {
  it('needs a bucket, a region and a database, and has the defaults of the reference registry', () => {
    const { config, report } = configured({ yaml: s3(WHOLE) });
    expect(config.storage.driver).toEqual({
      ...DEFAULTS,
      accesskey: undefined,
      secretkey: undefined,
      sessiontoken: undefined,
      regionendpoint: undefined,
      redirectendpoint: undefined,
      forcepathstyle: undefined,
      useragent: undefined,
      keyid: undefined,
    });
    expect(config.metadata.sqlite.path).toBe(`${CWD}/names.db`);
    expect(report.warnings).toEqual([]);
    expect(report.values.map(({ key }) => key)).not.toContain('storage.filesystem.rootdirectory');
  });

  it.each([
    ['accesskey: "", secretkey: "", sessiontoken: ""'],
    ['regionendpoint: "", redirectendpoint: "", rootdirectory: "", useragent: "", keyid: ""'],
  ])('takes an empty text as if the key were not there: %s', (empty) => {
    const { config, report } = configured({ yaml: s3(`${WHOLE}, ${empty}`) });
    expect(config.storage.driver).toEqual(configured({ yaml: s3(WHOLE) }).config.storage.driver);
    expect(report.warnings).toEqual([]);
  });

  it.each(['bucket', 'region'])('misses what is empty: %s', (key) => {
    const keys = WHOLE.replace(new RegExp(`${key}: [a-z0-9-]+`), `${key}: ""`);
    expect(problemsOf({ yaml: s3(keys) })).toEqual([
      expect.stringMatching(`^storage.s3.${key} is missing: `),
    ]);
  });

  it('takes every key of the reference registry', () => {
    const keys = [
      'accesskey: AK, secretkey: SK, sessiontoken: T, region: anywhere, regionendpoint: "store:9000"',
      'redirectendpoint: "https://images.example.com", forcepathstyle: true, bucket: b, encrypt: true',
      'keyid: key, secure: false, v4auth: true, skipverify: true, chunksize: 5242880',
      'multipartcopychunksize: 5242880, multipartcopymaxconcurrency: 1, multipartcopythresholdsize: 0',
      'rootdirectory: /x/, storageclass: standard_ia, objectacl: public-read, useragent: me',
      'usedualstack: false, accelerate: false, usefipsendpoint: false, loglevel: debugwithsigning',
    ].join(', ');
    expect(configured({ yaml: s3(keys) }).config.storage.driver).toEqual({
      ...DEFAULTS,
      accesskey: 'AK',
      secretkey: 'SK',
      sessiontoken: 'T',
      region: 'anywhere',
      regionendpoint: 'store:9000',
      redirectendpoint: 'https://images.example.com',
      forcepathstyle: true,
      bucket: 'b',
      encrypt: true,
      keyid: 'key',
      secure: false,
      skipverify: true,
      chunksize: 5_242_880,
      multipartcopychunksize: 5_242_880,
      multipartcopymaxconcurrency: 1,
      multipartcopythresholdsize: 0,
      rootdirectory: '/x/',
      storageclass: 'STANDARD_IA',
      useragent: 'me',
      loglevel: 'debugwithsigning',
      objectacl: 'public-read',
    });
  });

  it('takes values in quotes here, as the reference registry does', () => {
    const keys = `${WHOLE}, secure: "false", encrypt: 'True', chunksize: "5242880", v4auth: "true"`;
    expect(configured({ yaml: s3(keys) }).config.storage.driver).toMatchObject({
      secure: false,
      encrypt: true,
      chunksize: 5_242_880,
    });
  });

  it('needs no region with an endpoint of its own', () => {
    const { driver } = configured({ yaml: s3('bucket: b, regionendpoint: "http://store:9000"') }).config
      .storage;
    expect(driver).toMatchObject({ region: 'us-east-1', regionendpoint: 'http://store:9000' });
  });

  it.each([
    ['bucket', 'region: eu-west-1', METADATA, 'storage.s3.bucket is missing: name the bucket'],
    ['region', 'bucket: b', METADATA, 'storage.s3.region is missing: name the region'],
    [
      'metadata.sqlite.path',
      WHOLE,
      'http: {}',
      'metadata.sqlite.path is missing: with storage.s3 there is no folder',
    ],
    [
      'region',
      'bucket: b, region: europe',
      METADATA,
      'storage.s3.region (config.yml:2) is "europe", which is no region of AWS.',
    ],
    [
      'secretkey',
      `${WHOLE}, accesskey: AK`,
      METADATA,
      'storage.s3.accesskey (config.yml:2) is useless without storage.s3.secretkey',
    ],
    [
      'accesskey',
      `${WHOLE}, secretkey: SK`,
      METADATA,
      'storage.s3.secretkey (config.yml:2) is useless without storage.s3.accesskey',
    ],
    ['keys', `${WHOLE}, sessiontoken: T`, METADATA, 'storage.s3.sessiontoken (config.yml:2) belongs to'],
    [
      'v4auth',
      `${WHOLE}, v4auth: false`,
      METADATA,
      'storage.s3.v4auth (config.yml:2) must be true: there is no other',
    ],
    [
      'fips',
      `${WHOLE}, usefipsendpoint: true`,
      METADATA,
      'storage.s3.usefipsendpoint (config.yml:2) is known, but',
    ],
    [
      'chunksize',
      `${WHOLE}, chunksize: 5242879`,
      METADATA,
      'must be a number of bytes, 5242880 to 5368709120',
    ],
    [
      'chunksize',
      `${WHOLE}, chunksize: 5368709121`,
      METADATA,
      'must be a number of bytes, 5242880 to 5368709120',
    ],
    ['threshold', `${WHOLE}, multipartcopythresholdsize: 1e10`, METADATA, 'must be a number of bytes'],
    [
      'class',
      `${WHOLE}, storageclass: cold`,
      METADATA,
      'storage.s3.storageclass (config.yml:2) must be NONE, STANDARD',
    ],
    [
      'acl',
      `${WHOLE}, objectacl: everybody`,
      METADATA,
      'storage.s3.objectacl (config.yml:2) must be private, public-read',
    ],
    [
      'endpoint',
      `${WHOLE}, regionendpoint: "http://a/?b"`,
      METADATA,
      'must be an address: https://host, host or host:port',
    ],
    ['endpoint', `${WHOLE}, regionendpoint: "ftp://a"`, METADATA, 'must be an address'],
    [
      'redirect',
      `${WHOLE}, redirectendpoint: "https://a/b"`,
      METADATA,
      'must be scheme and host: https://host',
    ],
    ['redirect', `${WHOLE}, redirectendpoint: "a"`, METADATA, 'must be scheme and host: https://host'],
    [
      'accelerate',
      `${WHOLE}, accelerate: true, regionendpoint: a`,
      METADATA,
      'storage.s3.accelerate (config.yml:2) is of AWS alone',
    ],
    [
      'accelerate',
      `bucket: a.b, region: eu-west-1, accelerate: true`,
      METADATA,
      'storage.s3.accelerate (config.yml:2) needs the bucket in the name of the host',
    ],
    [
      'a typo',
      `${WHOLE}, buket: x`,
      METADATA,
      'storage.s3.buket (config.yml:2) is no key of the configuration. Was storage.s3.bucket meant?',
    ],
  ])('says in one sentence what is wrong with %s', (_what, keys, line, sentence) => {
    expect(problemsOf({ yaml: s3(keys, line) })).toEqual([expect.stringContaining(sentence)]);
  });

  it('does not also say that a key is missing whose value is wrong', () => {
    const problems = problemsOf({ yaml: s3('bucket: [b], region: eu-west-1') });
    expect(problems).toEqual([expect.stringContaining('storage.s3.bucket (config.yml:2) must be text')]);
  });

  it.each([
    ['keyid: k', 'config.yml:2) does nothing without storage.s3.encrypt: true.'],
    ['skipverify: true', 'config.yml:2) is true: whoever is between'],
    ['usedualstack: true, regionendpoint: a', 'config.yml:2) does nothing with storage.s3.regionendpoint'],
  ])('warns of "%s"', (keys, warning) => {
    const { report } = configured({ yaml: s3(`${WHOLE}, ${keys}`) });
    expect(report.warnings).toEqual([expect.stringContaining(warning)]);
  });

  it('never shows a secret', () => {
    const keys = `${WHOLE}, accesskey: AK, secretkey: hunter2, sessiontoken: hunter2`;
    const { report } = configured({ yaml: s3(keys) });
    expect(JSON.stringify(report)).not.toContain('hunter2');
    const wrong = s3(`${WHOLE}, accesskey: AK, secretkey: [hunter2]`);
    expect(problemsOf({ yaml: wrong }).join('\n')).not.toContain('hunter2');
  });
});

describe('storage.s3aws', () => {
  it('is another name of storage.s3', () => {
    const yaml = s3(WHOLE).replace('s3:', 's3aws:');
    expect(configured({ yaml }).config.storage.driver).toMatchObject({ kind: 's3', bucket: 'images' });
  });

  it('cannot stand beside it', () => {
    const yaml = `version: 0.1\nstorage:\n  s3: {${WHOLE}}\n  s3aws: {${WHOLE}}\n${METADATA}\n`;
    expect(problemsOf({ yaml })).toEqual([
      'storage has one driver under both of its names: s3 (config.yml:3) and s3aws (config.yml:4). Keep one.',
    ]);
  });
});

describe('variables of the environment', () => {
  const METADATA_PATH = { REGISTRY_METADATA_SQLITE_PATH: '/names.db' };

  it.each(['S3', 'S3AWS', 's3aws'])('choose the store by the recipe of every container, with %s', (name) => {
    const env = {
      REGISTRY_STORAGE: name.toLowerCase(),
      [`REGISTRY_STORAGE_${name}_BUCKET`]: 'images',
      [`REGISTRY_STORAGE_${name}_REGION`]: 'eu-west-1',
      [`REGISTRY_STORAGE_${name}_SECURE`]: 'false',
      ...METADATA_PATH,
    };
    const yaml = 'version: 0.1\nstorage: {filesystem: {rootdirectory: /x}, delete: {enabled: true}}\n';
    expect(configured({ yaml, env }).config.storage.driver).toMatchObject({
      kind: 's3',
      bucket: 'images',
      region: 'eu-west-1',
      secure: false,
    });
  });

  it('set keys of a store that a file names by its other name', () => {
    const yaml = s3(WHOLE).replace('s3:', 's3aws:');
    const env = { REGISTRY_STORAGE_S3_BUCKET: 'other', REGISTRY_STORAGE_S3AWS_CHUNKSIZE: '5242880' };
    expect(configured({ yaml, env }).config.storage.driver).toMatchObject({
      bucket: 'other',
      chunksize: 5_242_880,
    });
  });

  it('beside a folder in the file make two drivers', () => {
    const yaml = 'version: 0.1\nstorage: {filesystem: {rootdirectory: /x}}\n';
    const env = {
      REGISTRY_STORAGE_S3_BUCKET: 'b',
      REGISTRY_STORAGE_S3_REGION: 'eu-west-1',
      ...METADATA_PATH,
    };
    expect(problemsOf({ yaml, env })).toEqual([
      expect.stringContaining('more than one driver: filesystem (config.yml:2) and s3 (REGISTRY_STORAGE_S3_'),
    ]);
  });
});
