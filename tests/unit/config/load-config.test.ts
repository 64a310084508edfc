import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/infrastructure/config/load-config.js';
import { configured, CWD, file, MAINTENANCE, problemsOf, REDIRECT } from './configured.js';

const fixtures = join(import.meta.dirname, '../../fixtures/config');
const fixture = (name: string) => readFileSync(join(fixtures, name), 'utf8');

describe('loadConfig without any configuration', () => {
  it('is loopback, port 5000, ./data, and lets clients delete', () => {
    const { config, report } = configured({});
    expect(config).toEqual({
      log: { level: 'info', formatter: undefined, fields: {}, accesslog: { disabled: false } },
      storage: {
        driver: { kind: 'filesystem', rootdirectory: `${CWD}/data` },
        delete: { enabled: true },
        redirect: REDIRECT,
        maintenance: MAINTENANCE,
      },
      gc: {
        enabled: true,
        interval: 60_000,
        grace: 86_400_000,
        batch: 100,
        pause: 100,
        untagged: { enabled: false },
      },
      metadata: { sqlite: { path: `${CWD}/data/stowage/metadata.db` } },
      http: {
        addr: { host: '127.0.0.1', port: 5000 },
        prefix: '/',
        host: undefined,
        trustedproxies: [],
        workers: 1,
        tls: undefined,
        headers: {},
        draintimeout: 10_000,
        debug: undefined,
      },
      health: {
        storagedriver: { enabled: false, interval: 10_000, threshold: 0 },
        file: [],
        http: [],
        tcp: [],
      },
      notifications: {
        includeReferences: false,
        outbox: { maxEvents: 1_000_000, maxAge: 604_800_000 },
        endpoints: [],
      },
      catalog: { maxentries: 1000 },
      tags: { maxtags: 1000 },
      validation: { sparse: false },
    });
    expect(report).toMatchObject({ file: undefined, notices: [], warnings: [] });
    expect(report.values.every(({ origin }) => origin.kind === 'default')).toBe(true);
  });

  it('cannot be changed afterwards, however deep', () => {
    const { config } = configured({ yaml: file('log: {fields: {a: {b: 1}}}') });
    expect(Object.isFrozen(config.http.addr)).toBe(true);
    expect(Object.isFrozen(config.log.fields['a'])).toBe(true);
  });
});

describe('loadConfig with the files of the reference registry', () => {
  it('takes the one of registry:2', () => {
    const { config, report } = configured({ yaml: fixture('image-2.yml') });
    expect(config).toMatchObject({
      log: { level: 'info', fields: { service: 'registry' } },
      storage: {
        driver: { kind: 'filesystem', rootdirectory: '/var/lib/registry' },
        delete: { enabled: false },
        maintenance: MAINTENANCE,
      },
      http: {
        addr: { host: undefined, port: 5000 },
        headers: { 'X-Content-Type-Options': ['nosniff'] },
        debug: undefined,
      },
      health: { storagedriver: { enabled: true, interval: 10_000, threshold: 3 } },
    });
    expect(report.notices).toEqual([expect.stringMatching(/^storage\.cache \(.*:7\) is not needed: /)]);
    expect(report.warnings).toEqual([
      expect.stringMatching(/^http\.addr \(.*:12\) is :5000: .* nobody has to sign in/),
    ]);
  });

  it('takes the one of registry:3', () => {
    const { config, report } = configured({ yaml: fixture('image-3.yml') });
    expect(config).toMatchObject({
      log: { level: 'debug', fields: { service: 'registry', environment: 'development' } },
      storage: {
        delete: { enabled: true },
        maintenance: { ...MAINTENANCE, uploadpurging: { ...MAINTENANCE.uploadpurging, enabled: false } },
      },
      http: {
        debug: { addr: { host: undefined, port: 5001 }, prometheus: { enabled: true, path: '/metrics' } },
      },
    });
    expect(report.notices.map((notice) => notice.split(' ', 1)[0])).toEqual(['storage.cache', 'storage.tag']);
  });
});

describe('loadConfig', () => {
  it('reports every problem of a file at once, with key, line and what would be right', () => {
    expect(problemsOf({ yaml: fixture('wrong.yml') })).toEqual([
      expect.stringContaining(
        'log.levle (config.yml:3) is no key of the configuration. Was log.level meant?',
      ),
      expect.stringContaining('log.accesslog.disabled (config.yml:5) must be true or false without quotes'),
      expect.stringContaining(
        'storage.maintenance.uploadpurging.age (config.yml:11) is 168, and a number without a unit means nano',
      ),
      expect.stringContaining('auth.silly (config.yml:16) is known, but not supported'),
      expect.stringContaining('http.addr (config.yml:20) is "5000", which has no colon: write :5000'),
      expect.stringContaining(
        'http.draintimeout (config.yml:22) is 5, and a number without a unit means nano',
      ),
      expect.stringContaining(
        'http.headers (config.yml:24) must have a list for X-Frame-Options: write [DENY]',
      ),
      expect.stringContaining(
        'http.tls.minimumtls (config.yml:28) must be tls1.2 or tls1.3, but is "tls1.1"',
      ),
      expect.stringContaining(
        'health.storagedriver.threshold (config.yml:31) must be a whole number, 0 or more',
      ),
      expect.stringContaining('catalogue (config.yml:37) is no key of the configuration. Was catalog meant?'),
      expect.stringContaining('more than one driver: filesystem (config.yml:7) and s3 (config.yml:12)'),
    ]);
  });

  it('never shows a secret, neither in problems nor in what it reports', () => {
    const secret = 'hunter2';
    expect(problemsOf({ yaml: fixture('wrong.yml') }).join('\n')).not.toContain(secret);
    const { report } = configured({
      yaml: file(`http: {secret: ${secret}}`, `redis: {password: ${secret}}`),
      env: { REGISTRY_REDIS_SENTINELPASSWORD: secret },
    });
    expect(report.notices).toHaveLength(2);
    expect(JSON.stringify(report)).not.toContain(secret);
  });

  it('knows of every value where it comes from, the strongest origin winning', () => {
    const { report } = configured({
      yaml: file('http:', '  addr: 127.0.0.1:1', '  draintimeout: 1s', 'log: {level: debug}'),
      env: { REGISTRY_HTTP_ADDR: '127.0.0.1:2', REGISTRY_LOG_LEVEL: 'warn' },
      flags: [{ key: 'http.addr', flag: '--addr', value: '127.0.0.1:3' }],
    });
    const found = new Map(report.values.map(({ key, value, origin }) => [key, { value, origin }]));
    expect(found.get('http.addr')).toEqual({
      value: '127.0.0.1:3',
      origin: { kind: 'flag', flag: '--addr' },
    });
    expect(found.get('log.level')).toEqual({
      value: 'warn',
      origin: { kind: 'environment', variable: 'REGISTRY_LOG_LEVEL' },
    });
    expect(found.get('http.draintimeout')).toMatchObject({ value: '1s', origin: { kind: 'file', line: 5 } });
    expect(found.get('tags.maxtags')).toEqual({ value: 1000, origin: { kind: 'default' } });
  });

  it('knows of each entry of a map where it comes from', () => {
    const { report } = configured({
      yaml: file('log:', '  fields:', '    service: registry'),
      env: { REGISTRY_LOG_FIELDS_ZONE: 'a' },
    });
    expect(report.values.filter(({ key }) => key.startsWith('log.fields'))).toEqual([
      {
        key: 'log.fields.service',
        value: 'registry',
        origin: expect.objectContaining({ kind: 'file', line: 5 }),
      },
      {
        key: 'log.fields.zone',
        value: 'a',
        origin: { kind: 'environment', variable: 'REGISTRY_LOG_FIELDS_ZONE' },
      },
    ]);
  });

  it('looks for the file that REGISTRY_CONFIGURATION_PATH names, from the working folder', () => {
    const env = { REGISTRY_CONFIGURATION_PATH: 'image-3.yml' };
    const { report } = loadConfig({ file: undefined, flags: [] }, env, fixtures);
    expect(report.file).toBe('image-3.yml');
    expect(report.values).toContainEqual({
      key: 'log.level',
      value: 'debug',
      origin: { kind: 'file', path: 'image-3.yml', line: 4 },
    });
  });

  it.each([
    ['that does not exist', 'nowhere.yml', 'The configuration file nowhere.yml does not exist.'],
    ['that is a folder', '.', 'The configuration file . is a folder, not a file.'],
  ])('refuses a file %s', (_what, path, message) => {
    expect(() => loadConfig({ file: path, flags: [] }, {}, fixtures)).toThrow(message);
  });

  it('names the variable that gave the name of a missing file', () => {
    const env = { REGISTRY_CONFIGURATION_PATH: '/nowhere.yml' };
    const message = 'The configuration file /nowhere.yml (REGISTRY_CONFIGURATION_PATH) does not exist.';
    expect(() => loadConfig({ file: undefined, flags: [] }, env, fixtures)).toThrow(message);
  });

  it.each([
    [
      'text that is no YAML',
      'version: 0.1\nhttp: {addr: [',
      /^config\.yml:\d is no valid configuration file: /,
    ],
    ['a list', '- a\n', /^config\.yml:1 is no valid configuration file: it must be a map/],
    ['the same key twice', 'version: 0.1\nlog: {}\nlog: {}\n', /^config\.yml:3 .*unique/],
    ['nesting without end', `version: ${'['.repeat(50_000)}`, /is no valid configuration file/],
    ['an alias that explodes', bomb(), /more than 20000 values/],
  ])('refuses %s', (_what, yaml, message) => {
    expect(problemsOf({ yaml })[0]).toMatch(message);
  });

  it.each([
    ['is missing', 'storage: inmemory\n', /^version is missing in .*config\.yml/],
    [
      'is another',
      'version: 0.2\nstorage: inmemory\n',
      /^version \(config\.yml:1\) must be 0\.1, but is "0\.2"/,
    ],
    ['has another zero', 'version: 0.10\nstorage: inmemory\n', /^version \(config\.yml:1\) must be 0\.1/],
  ])('refuses a file whose version %s', (_what, yaml, message) => {
    expect(problemsOf({ yaml })).toEqual([expect.stringMatching(message)]);
  });

  it('takes the old loglevel where log.level is not set, and says so', () => {
    const { config, report } = configured({ yaml: file('loglevel: debug') });
    expect(config.log.level).toBe('debug');
    expect(report.warnings).toEqual([expect.stringMatching(/^loglevel .*is the old name of log\.level/)]);
    expect(configured({ yaml: file('loglevel: debug', 'log: {level: error}') }).config.log.level).toBe(
      'error',
    );
  });

  it('warns of metrics that no address serves', () => {
    const { report } = configured({ yaml: file('http: {debug: {prometheus: {enabled: true}}}') });
    expect(report.warnings).toEqual([expect.stringContaining('does nothing without http.debug.addr')]);
  });

  it.each([
    ['127.0.0.1:5000', 0],
    ['localhost:5000', 0],
    ['"[::1]:5000"', 0],
    [':5000', 1],
    ['0.0.0.0:5000', 1],
    ['"[::]:5000"', 1],
    ['registry.example.com:443', 1],
  ])('warns that nobody has to sign in on %s: %i times', (addr, times) => {
    expect(configured({ yaml: file(`http: {addr: ${addr}}`) }).report.warnings).toHaveLength(times);
  });
});

function bomb(): string {
  const levels = Array.from({ length: 9 }, (_, level) => {
    const item = level === 0 ? 'x' : `*a${level - 1}`;
    return `  a${level}: &a${level} [${Array(9).fill(item).join(', ')}]`;
  });
  return `version: 0.1\nlog:\n fields:\n${levels.join('\n')}\n`;
}
