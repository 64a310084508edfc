import { describe, expect, it } from 'vitest';
import { missingKeys, unneededKeys } from '../../../src/infrastructure/config/known-keys.js';
import { configured, CWD, file, problemsOf } from './configured.js';

describe('storage', () => {
  it.each([
    ['a scalar', 'storage: inmemory', { kind: 'inmemory' }],
    ['an empty section', 'storage: {inmemory: }', { kind: 'inmemory' }],
    ['an empty map', 'storage: {inmemory: {}}', { kind: 'inmemory' }],
    ['a folder', 'storage: {filesystem: {rootdirectory: /x}}', { kind: 'filesystem', rootdirectory: '/x' }],
    [
      'a folder beside the working folder',
      'storage: {filesystem: {rootdirectory: ../x}}',
      { kind: 'filesystem', rootdirectory: '/srv/x' },
    ],
    [
      'the driver alone, with the folder of the reference registry',
      'storage: filesystem',
      { kind: 'filesystem', rootdirectory: '/var/lib/registry' },
    ],
  ])('is given by %s', (_what, line, driver) => {
    expect(configured({ yaml: `version: 0.1\n${line}\n` }).config.storage.driver).toEqual(driver);
  });

  it('keeps the database in the root directory unless it is put elsewhere', () => {
    expect(configured({ yaml: file() }).config.metadata.sqlite.path).toBe('/data/stowage/metadata.db');
    const elsewhere = configured({ yaml: file('metadata: {sqlite: {path: names.db}}') });
    expect(elsewhere.config.metadata.sqlite.path).toBe(`${CWD}/names.db`);
    expect(
      configured({ yaml: 'version: 0.1\nstorage: inmemory\n' }).config.metadata.sqlite.path,
    ).toBeUndefined();
  });

  it('refuses a file without a driver, and says what to add', () => {
    expect(problemsOf({ yaml: 'version: 0.1\n' })).toEqual([
      expect.stringMatching(/^no storage configuration provided in .*: add storage: .*or give --root/),
    ]);
  });

  it('refuses two drivers, and names the place of each', () => {
    const yaml = 'version: 0.1\nstorage:\n  filesystem: {rootdirectory: /x}\n  inmemory:\n';
    expect(problemsOf({ yaml })).toEqual([
      expect.stringContaining('more than one driver: filesystem (config.yml:3) and inmemory (config.yml:4)'),
    ]);
  });

  it('refuses a database on disk beside content in memory', () => {
    const yaml = 'version: 0.1\nstorage: inmemory\nmetadata: {sqlite: {path: /x.db}}\n';
    expect(problemsOf({ yaml })).toEqual([expect.stringContaining('names would outlive the content')]);
  });
});

describe('single values', () => {
  it.each(['yes', 'on', 'True', 'TRUE', 'y'])('takes %s for true, as YAML 1.1 does', (word) => {
    const { config } = configured({ yaml: file(`validation: {sparse: ${word}}`) });
    expect(config.validation.sparse).toBe(true);
  });

  it.each([
    ['log.level', 'log: {level: verbose}', 'must be error, warn, info or debug, but is "verbose"'],
    ['log.formatter', 'log: {formatter: xml}', 'must be text, json or logstash, but is "xml"'],
    ['log.fields', 'log: {fields: registry}', 'must be a map of names to values'],
    ['validation.sparse', 'validation: {sparse: 1}', 'must be true or false, but is "1"'],
    ['validation.sparse', 'validation: {sparse: [true]}', 'must be true or false, but is a list'],
    ['validation.sparse', 'validation: {sparse: {a: b}}', 'must be true or false, but has keys of its own'],
    ['validation.sparse', 'validation: {sparse: "yes"}', 'without quotes: in quotes it is text'],
    ['tags.maxtags', 'tags: {maxtags: -1}', 'must be a whole number, 0 or more, but is "-1"'],
    ['tags.maxtags', 'tags: {maxtags: 12.9}', 'must be a whole number, 0 or more, but is "12.9"'],
    ['tags.maxtags', 'tags: {maxtags: "5"}', 'must be a whole number, 0 or more, but is the text "5"'],
    ['catalog.maxentries', 'catalog: {maxentries: 80a}', 'must be a whole number, but is "80a"'],
    ['http.net', 'http: {net: udp}', 'must be tcp or unix, but is "udp"'],
    ['http.addr', 'http: {addr: 127.0.0.1}', 'has no port: write 127.0.0.1:5000'],
    ['http.addr', 'http: {addr: "http://localhost:5000"}', 'is a URL: write only host and port'],
    ['http.addr', 'http: {addr: ":70000"}', 'has no port from 0 to 65535'],
    ['http.addr', 'http: {addr: ":http"}', 'has no port from 0 to 65535'],
    ['http.addr', 'http: {addr: "::1:5000"}', 'must have its IPv6 address in brackets'],
    ['http.addr', 'http: {addr: "[::g]:5000"}', 'has no IPv6 address in its brackets'],
    ['http.addr', 'http: {addr: "256.1.1.1:5000"}', 'has no valid host before its colon'],
    ['http.addr', 'http: {addr: /run/stowage.sock}', 'is a path'],
    [
      'http.draintimeout',
      'http: {draintimeout: soon}',
      'must be a duration such as 10s, 1m30s or 250ms, or 0',
    ],
    ['http.draintimeout', 'http: {draintimeout: -1s}', 'must be a duration'],
    ['http.draintimeout', 'http: {draintimeout: 1ns}', 'is too short: it must be 1ms or more'],
    ['http.draintimeout', 'http: {draintimeout: 10000h}', 'is longer than 24 days'],
    ['health.storagedriver.interval', 'health: {storagedriver: {interval: 0}}', 'is too short'],
    ['http.headers', 'http: {headers: {"a b": [c]}}', 'has "a b", which is no name of a header'],
    ['http.headers', 'http: {headers: {Content-Length: [1]}}', 'which every answer sets for itself'],
    ['http.headers', 'http: {headers: {X-A: ["a\\r\\nb: c"]}}', 'that cannot be sent in a header'],
    [
      'http.debug.prometheus.path',
      'http: {debug: {prometheus: {path: metrics}}}',
      'a path that begins with /',
    ],
    ['storage.delete', 'storage: {inmemory: , delete: true}', 'must be a map with keys such as enabled'],
    [
      'storage.redirect.except',
      'storage: {inmemory: , redirect: {except: curl/}}',
      'must be a list of beginnings of user agents',
    ],
    ['storage.redirect.except', 'storage: {inmemory: , redirect: {except: [""]}}', 'no text, or empty'],
    ['storage.redirect.disable', 'storage: {inmemory: , redirect: {disable: "no"}}', 'without quotes'],
    ['http', 'http: :5000', 'must be a map with keys such as addr, net'],
  ])('refuses %s in "%s"', (key, line, message) => {
    const yaml = line.startsWith('storage') ? `version: 0.1\n${line}\n` : file(line);
    const [problem, ...more] = problemsOf({ yaml });
    expect(more).toEqual([]);
    expect(problem).toMatch(new RegExp(`^${key.replaceAll('.', String.raw`\.`)} \\(config\\.yml:\\d\\) `));
    expect(problem).toContain(message);
  });

  it('writes the names of headers as clients have always seen them', () => {
    const { config } = configured({ yaml: file('http: {headers: {x-frame-OPTIONS: [DENY, SAMEORIGIN]}}') });
    expect(config.http.headers).toEqual({ 'X-Frame-Options': ['DENY', 'SAMEORIGIN'] });
  });

  it('takes the switch of the reference against redirects, and names of clients beside it', () => {
    const yaml = file('').replace(
      '{filesystem',
      '{redirect: {disable: true, except: [curl/, my-client/1.]}, filesystem',
    );
    expect(configured({ yaml }).config.storage.redirect).toEqual({
      disable: true,
      except: ['curl/', 'my-client/1.'],
    });
  });

  it('takes 0 as the reference does: the longest page is 1000', () => {
    const { config } = configured({ yaml: file('catalog: {maxentries: -5}', 'tags: {maxtags: 0}') });
    expect([config.catalog.maxentries, config.tags.maxtags]).toEqual([1000, 1000]);
  });

  it('takes an empty value or section for none at all', () => {
    const { config } = configured({ yaml: file('http:', '  addr:', '  debug:', 'log:', 'auth:', 'proxy:') });
    expect(config.http.addr).toEqual({ host: '127.0.0.1', port: 5000 });
  });

  it('understands merge keys', () => {
    const yaml = file('log: {fields: {base: &base {a: 1, b: 2}, mine: {<<: *base, b: 3}}}');
    expect(configured({ yaml }).config.log.fields['mine']).toEqual({ a: 1, b: 3 });
  });

  it('keeps dates, times of day and numbers with zeros in fields as they are written', () => {
    const yaml = file('log: {fields: {day: 2026-11-24, at: 12:30, count: 7, on: yes}}');
    expect(configured({ yaml }).config.log.fields).toEqual({
      day: '2026-11-24',
      at: '12:30',
      count: 7,
      on: true,
    });
  });
});

/** One key, dotted, as the JSON that is YAML too. */
const asYaml = (key: string, value: unknown) =>
  JSON.stringify(key.split('.').reduceRight((inner: unknown, name) => ({ [name]: inner }), value));

/** A file that can be used, with that key. */
const withKey = (key: string, value: unknown) =>
  key.startsWith('storage.')
    ? `{"version": 0.1, "storage": {"inmemory": {}, ${asYaml(key, value).slice('{"storage":{'.length, -1)}}`
    : `{"version": 0.1, "storage": {"inmemory": {}}, ${asYaml(key, value).slice(1)}`;

describe('keys of the reference registry', () => {
  const notWithMemory = new Set(['storage.filesystem.maxthreads']);
  const missing = missingKeys.filter(({ key }) => !key.startsWith('storage.s3.'));
  const unneeded = unneededKeys.filter(({ key }) => !notWithMemory.has(key));

  it.each(unneeded.map(({ key, names }) => ({ key, names })))(
    'accepts $key with one notice',
    ({ key, names }) => {
      const value = names === undefined ? 5 : Object.fromEntries(names.map((name) => [name, 'x']));
      const { report } = configured({ yaml: withKey(key, value) });
      expect(report.notices).toEqual([
        expect.stringMatching(new RegExp(`^${key} \\(.*\\) is not needed: .+\\.$`)),
      ]);
    },
  );

  it('accepts storage.filesystem.maxthreads with one notice', () => {
    const { report } = configured({ yaml: 'version: 0.1\nstorage: {filesystem: {maxthreads: 100}}\n' });
    expect(report.notices).toEqual([expect.stringContaining('storage.filesystem.maxthreads')]);
  });

  it.each(missing.map(({ key }) => ({ key })))('refuses $key by name', ({ key }) => {
    const value = { x: [{ y: 'z' }] };
    const sentence = new RegExp(`^${key} \\(config\\.yml:1\\) is known, but not supported\\. [A-Z].+\\.$`);
    expect(problemsOf({ yaml: withKey(key, value) })).toEqual([expect.stringMatching(sentence)]);
  });

  it.each(missing.filter(({ accepted }) => accepted !== 'never').map(({ key }) => ({ key })))(
    'accepts an empty $key, which asks for nothing',
    ({ key }) => {
      for (const value of [null, false, '', [], {}, { x: false, y: [] }]) {
        expect(problemsOf({ yaml: withKey(key, value) })).toEqual([]);
      }
    },
  );

  it.each([
    ['log.hooks', [{ type: 'mail', disabled: true }]],
    ['http.h2c', { enabled: false }],
  ])('accepts %s when it is switched off', (key, value) => {
    expect(problemsOf({ yaml: withKey(key, value) })).toEqual([]);
  });

  it.each([
    ['auth.silly', null],
    ['http.tls.letsencrypt', { cachefile: '/cache', email: 'a@example.com', hosts: ['a'] }],
  ])('refuses %s when it is on', (key, value) => {
    expect(problemsOf({ yaml: withKey(key, value) })).toEqual([
      expect.stringContaining(`${key} (config.yml:1)`),
    ]);
  });

  it('refuses a scheme of authentication given by its name alone', () => {
    expect(problemsOf({ yaml: file('auth: silly') })).toEqual([expect.stringContaining('auth.silly')]);
    expect(problemsOf({ yaml: file('auth: none') })).toEqual([]);
  });

  it.each([
    ['http: {adr: x}', 'http.adr', 'http.addr'],
    ['storge: {}', 'storge', 'storage'],
    ['HTTP: {}', 'HTTP', 'http'],
    ['addr: :5000', 'addr', 'http.addr'],
    ['redis: {pasword: x}', 'redis.pasword', 'redis.password'],
    [
      'health: {storagedriver: {treshold: 1}}',
      'health.storagedriver.treshold',
      'health.storagedriver.threshold',
    ],
  ])('refuses the unknown key in "%s" with the nearest known one', (line, key, nearest) => {
    expect(problemsOf({ yaml: file(line) })).toEqual([
      `${key} (config.yml:3) is no key of the configuration. Was ${nearest} meant?`,
    ]);
  });

  it('has no guess for a key that is like nothing', () => {
    expect(problemsOf({ yaml: file('xyzzyxyzzy: 1') })).toEqual([
      'xyzzyxyzzy (config.yml:3) is no key of the configuration.',
    ]);
  });
});
