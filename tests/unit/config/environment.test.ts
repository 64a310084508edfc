import { describe, expect, it } from 'vitest';
import { configured, file, MAINTENANCE, problemsOf, REDIRECT } from './configured.js';

const imageFile = [
  'version: 0.1',
  'storage:',
  '  cache: {blobdescriptor: inmemory}',
  '  delete: {enabled: true}',
  '  filesystem: {rootdirectory: /data}',
  'http:',
  '  addr: 127.0.0.1:5000',
  '  headers: {X-Content-Type-Options: [nosniff]}',
  'log: {fields: {service: registry}}',
  '',
].join('\n');

const withEnv = (env: Record<string, string>) => configured({ yaml: imageFile, env }).config;

describe('REGISTRY_ variables', () => {
  it.each([
    ['REGISTRY_HTTP_ADDR', 'localhost:80', { http: { addr: { host: 'localhost', port: 80 } } }],
    ['REGISTRY_HTTP_ADDR', '[::1]:80', { http: { addr: { host: '::1', port: 80 } } }],
    ['REGISTRY_HTTP_DRAINTIMEOUT', '1m30s', { http: { draintimeout: 90_000 } }],
    [
      'REGISTRY_HTTP_DEBUG_ADDR',
      '127.0.0.1:1',
      { http: { debug: { addr: { host: '127.0.0.1', port: 1 } } } },
    ],
    ['REGISTRY_STORAGE_DELETE_ENABLED', 'no', { storage: { delete: { enabled: false } } }],
    ['REGISTRY_STORAGE_delete_enabled', 'false', { storage: { delete: { enabled: false } } }],
    [
      'REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED',
      'true',
      { storage: { maintenance: { readonly: { enabled: true } } } },
    ],
    [
      'REGISTRY_STORAGE_MAINTENANCE_READONLY',
      '{"enabled":true}',
      { storage: { maintenance: { readonly: { enabled: true } } } },
    ],
    [
      'REGISTRY_STORAGE_MAINTENANCE_UPLOADPURGING_ENABLED',
      'false',
      { storage: { maintenance: { uploadpurging: { enabled: false, age: 604_800_000 } } } },
    ],
    [
      'REGISTRY_STORAGE_MAINTENANCE_UPLOADPURGING_AGE',
      '720h',
      { storage: { maintenance: { uploadpurging: { enabled: true, age: 2_592_000_000 } } } },
    ],
    [
      'REGISTRY_STORAGE_MAINTENANCE_UPLOADPURGING',
      '{"enabled": true, "age": "24h", "interval": "1h", "dryrun": true}',
      {
        storage: {
          maintenance: {
            uploadpurging: { enabled: true, age: 86_400_000, interval: 3_600_000, dryrun: true },
          },
        },
      },
    ],
    ['REGISTRY_LOG_ACCESSLOG_DISABLED', 'true', { log: { accesslog: { disabled: true } } }],
    ['REGISTRY_LOG_FIELDS_SERVICE', 'other', { log: { fields: { service: 'other' } } }],
    ['REGISTRY_LOG_FIELDS_Zone', '[1, b]', { log: { fields: { service: 'registry', zone: [1, 'b'] } } }],
    ['REGISTRY_LOG_FIELDS_A_B', '5', { log: { fields: { service: 'registry', a: { b: 5 } } } }],
    ['REGISTRY_LOG_FIELDS', '{only: true}', { log: { fields: { only: true } } }],
    ['REGISTRY_HTTP_HEADERS_X-Foo', '[bar]', { http: { headers: { 'X-Foo': ['bar'] } } }],
    ['REGISTRY_HTTP_HEADERS_X-Foo_0', 'bar', { http: { headers: { 'X-Foo': ['bar'] } } }],
    [
      'REGISTRY_HTTP_HEADERS_x-content-type-options_1',
      'b',
      { http: { headers: { 'X-Content-Type-Options': ['nosniff', 'b'] } } },
    ],
    [
      'REGISTRY_HTTP_HEADERS_X-CONTENT-TYPE-OPTIONS',
      '[a]',
      { http: { headers: { 'X-Content-Type-Options': ['a'] } } },
    ],
    ['REGISTRY_VALIDATION_SPARSE', 'on', { validation: { sparse: true } }],
    ['REGISTRY_METADATA_SQLITE_PATH', '/x.db', { metadata: { sqlite: { path: '/x.db' } } }],
    [
      'REGISTRY_HTTP',
      '{addr: "127.0.0.1:7"}',
      { http: { addr: { host: '127.0.0.1', port: 7 }, headers: {} } },
    ],
    ['REGISTRY_HTTP_ADDR', '', { http: { addr: { host: '127.0.0.1', port: 5000 } } }],
    ['REGISTRY_LOGLEVEL', 'debug', { log: { level: 'debug' } }],
  ])('%s=%s', (variable, value, expected) => {
    expect(withEnv({ [variable]: value })).toMatchObject(expected);
  });

  it('replace the whole storage section by the name of a driver, as in every recipe', () => {
    const { storage } = withEnv({ REGISTRY_STORAGE: 'inmemory' });
    expect(storage).toEqual({
      driver: { kind: 'inmemory' },
      delete: { enabled: false },
      redirect: REDIRECT,
      maintenance: MAINTENANCE,
    });
  });

  it('apply parents first, whatever their order in the environment', () => {
    const { storage } = withEnv({
      REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: '/mine',
      REGISTRY_STORAGE_DELETE_ENABLED: 'true',
      REGISTRY_STORAGE: 'filesystem',
    });
    expect(storage).toEqual({
      driver: { kind: 'filesystem', rootdirectory: '/mine' },
      delete: { enabled: true },
      redirect: REDIRECT,
      maintenance: MAINTENANCE,
    });
  });

  it('take more than ten items of a list by their index', () => {
    const env = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`REGISTRY_HTTP_HEADERS_X-Many_${index}`, `v${index}`]),
    );
    expect(withEnv(env).http.headers['X-Many']).toEqual(
      Array.from({ length: 12 }, (_, index) => `v${index}`),
    );
  });

  it('name user agents as a list, or one by one', () => {
    const variable = 'REGISTRY_STORAGE_REDIRECT_EXCEPT';
    const { storage } = withEnv({ [variable]: '[curl/, "my client/"]', [`${variable}_2`]: 'third' });
    expect(storage.redirect).toEqual({ disable: false, except: ['curl/', 'my client/', 'third'] });
    expect(withEnv({ [`${variable}_0`]: 'curl/' }).storage.redirect.except).toEqual(['curl/']);
  });

  it('configure a registry without a file, which still lets clients delete', () => {
    const { config } = configured({ env: { REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: '/mine' } });
    expect(config.storage).toEqual({
      driver: { kind: 'filesystem', rootdirectory: '/mine' },
      delete: { enabled: true },
      redirect: REDIRECT,
      maintenance: MAINTENANCE,
    });
  });

  it.each([
    ['REGISTRY_AUTH', 'silly', 'auth.silly (REGISTRY_AUTH) is known, but not supported'],
    ['REGISTRY_AUTH_SILLY_REALM', 'x', 'auth.silly (REGISTRY_AUTH_SILLY_REALM) is known'],
    ['REGISTRY_STORAGE_GCS_BUCKET', 'x', 'storage.gcs (REGISTRY_STORAGE_GCS_BUCKET) is known'],
    ['REGISTRY_PROXY_REMOTEURL', 'https://x', 'proxy (REGISTRY_PROXY_REMOTEURL) is known'],
    [
      'REGISTRY_HTTP_TLS_CERTIFICATE',
      '/x',
      'http.tls.certificate (REGISTRY_HTTP_TLS_CERTIFICATE) is useless',
    ],
    [
      'REGISTRY_NOTIFICATIONS_EVENTCONFIG_INCLUDEREFERENCES',
      'x',
      'notifications.events.includereferences (REGISTRY_',
    ],
    [
      'REGISTRY_HTTP_ADR',
      ':5000',
      'REGISTRY_HTTP_ADR names no key of the configuration. Was REGISTRY_HTTP_ADDR meant?',
    ],
    [
      'REGISTRY_http_addr',
      ':5000',
      'REGISTRY_http_addr names no key of the configuration. Was REGISTRY_HTTP_ADDR',
    ],
    ['REGISTRY_HTTP_ADDR_X', '1', 'REGISTRY_HTTP_ADDR_X names no key'],
    ['REGISTRY_HTTP_HEADERS__X', '[a]', 'REGISTRY_HTTP_HEADERS__X names no key'],
    [
      'REGISTRY_STORAGE_DELETE_ENABLED',
      '"true"',
      'storage.delete.enabled (REGISTRY_STORAGE_DELETE_ENABLED) must be',
    ],
    [
      'REGISTRY_HTTP_ADDR',
      'tcp://10.0.0.1:5000',
      'http.addr (REGISTRY_HTTP_ADDR) is "tcp://10.0.0.1:5000", which is a URL',
    ],
    ['REGISTRY_TAGS_MAXTAGS', '80a', 'tags.maxtags (REGISTRY_TAGS_MAXTAGS) must be a whole number'],
    [
      'REGISTRY_HTTP_HEADERS_X-Foo',
      'bar',
      'http.headers (REGISTRY_HTTP_HEADERS_X-Foo) must have a list for x-foo: write [bar]',
    ],
    ['REGISTRY_HTTP_HEADERS_X-Foo_3', 'bar', 'is no index of a list of 0: the next is 0'],
    ['REGISTRY_HTTP_HEADERS_X-Content-Type-Options_9', 'bar', 'is no index of a list of 1: the next is 1'],
    [
      'REGISTRY_LOG_FIELDS_SERVICE_X',
      '1',
      'REGISTRY_LOG_FIELDS_SERVICE_X cannot be used: log.fields.SERVICE is a single',
    ],
    ['REGISTRY_LOG_FIELDS', '{a', 'REGISTRY_LOG_FIELDS is no valid YAML'],
    [
      'REGISTRY_STORAGE_INMEMORY',
      '',
      'more than one driver: filesystem (config.yml:5) and inmemory (REGISTRY_STORAGE_INMEMORY)',
    ],
  ])('refuse %s=%s', (variable, value, message) => {
    expect(problemsOf({ yaml: imageFile, env: { [variable]: value } })).toEqual([
      expect.stringContaining(message),
    ]);
  });

  it.each([
    ['REGISTRY_PORT', 'tcp://10.0.0.1:5000'],
    ['REGISTRY_PORT_5000_TCP', 'tcp://10.0.0.1:5000'],
    ['REGISTRY_PORT_5000_TCP_ADDR', '10.0.0.1'],
    ['REGISTRY_SERVICE_HOST', '10.0.0.1'],
    ['REGISTRY_SERVICE_PORT_HTTP', '5000'],
    ['REGISTRY_REDIS_SERVICE_PORT', '6379'],
    ['REGISTRY_REDIS_PORT_6379_TCP_PROTO', 'tcp'],
  ])('are no concern when they are the links of a service: %s=%s', (variable, value) => {
    expect(configured({ env: { [variable]: value } }).report).toMatchObject({ warnings: [], notices: [] });
  });

  it.each([
    ['REGISTRY_USER', 'someone', 'REGISTRY_USER names no key of the configuration and is ignored.'],
    [
      'REGISTRY_LOGS',
      'x',
      'REGISTRY_LOGS names no key of the configuration and is ignored. Was REGISTRY_LOG meant?',
    ],
    ['REGISTRY_VERSION', '2.8.3', 'REGISTRY_VERSION is ignored: the version stands in the file.'],
  ])(
    'are ignored with a warning when they may belong to another program: %s=%s',
    (variable, value, warning) => {
      expect(configured({ env: { [variable]: value } }).report.warnings).toEqual([warning]);
    },
  );

  it('do not count without the prefix or in another letter case', () => {
    const { report } = configured({ yaml: file(), env: { HTTP_ADDR: ':1', registry_http_addr: ':1' } });
    expect(report.values.every(({ origin }) => origin.kind !== 'environment')).toBe(true);
    expect(report.warnings).toEqual([]);
  });
});

const flag = (key: string, value: string) => [{ key, flag: '--it', value }];

describe('flags', () => {
  it('are stronger than the environment, and relative folders start where the program does', () => {
    const { config } = configured({
      yaml: imageFile,
      env: { REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: '/env' },
      flags: flag('storage.filesystem.rootdirectory', 'here'),
    });
    expect(config.storage.driver).toEqual({ kind: 'filesystem', rootdirectory: '/srv/stowage/here' });
  });

  it('give a file the storage that it lacks', () => {
    const flags = flag('storage.filesystem.rootdirectory', '/x');
    expect(problemsOf({ yaml: 'version: 0.1\n', flags })).toEqual([]);
  });

  it('are refused with their name', () => {
    expect(problemsOf({ flags: flag('http.addr', 'x') })).toEqual([
      expect.stringMatching(/^http\.addr \(--it\) is "x"/),
    ]);
    const flags = flag('storage.filesystem.rootdirectory', '/x');
    expect(problemsOf({ yaml: 'version: 0.1\nstorage: inmemory\n', flags })).toEqual([
      expect.stringContaining('inmemory (config.yml:2) and filesystem (--it)'),
    ]);
  });
});
