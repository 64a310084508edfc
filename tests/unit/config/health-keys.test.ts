import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeConfig } from '../../../src/infrastructure/config/describe-config.js';
import { configured, file, problemsOf } from './configured.js';

const health = (yaml: string, env: Record<string, string> = {}) =>
  configured({ yaml: file(`health: ${yaml}`), env }).config.health;
const environment = (env: Record<string, string>) => configured({ yaml: file(), env }).config.health;

const NO_CHECKS = { file: [], http: [], tcp: [] };
const WATCHED = { interval: 10_000, threshold: 0 };
const TARGET = { written: 'db:5432', host: 'db', port: 5432 };

describe('the keys of health', () => {
  it('are empty lists when nothing is said', () => {
    expect(configured({}).config.health).toMatchObject(NO_CHECKS);
    expect(health('{file: , http: [], tcp: }')).toMatchObject(NO_CHECKS);
  });

  it('have the defaults of the reference registry, and a timeout that it has not', () => {
    expect(health('{file: [{file: /down}], http: [{uri: "http://a/up"}], tcp: [{addr: "db:5432"}]}')).toEqual(
      {
        storagedriver: { enabled: false, interval: 10_000, threshold: 0 },
        file: [{ file: '/down', ...WATCHED }],
        http: [{ uri: 'http://a/up', headers: new Map(), statuscode: 200, timeout: 5_000, ...WATCHED }],
        tcp: [{ addr: TARGET, timeout: 5_000, ...WATCHED }],
      },
    );
  });

  it('are taken as they are written', () => {
    const written = [
      'health:',
      '  file:',
      '    - {file: down, interval: 1m, threshold: 2}',
      '    - file: /other',
      '  http:',
      '    - uri: https://a:8443/up?x=1',
      '      headers: {x-asked-by: [registry], Authorization: [Bearer abc]}',
      '      statuscode: 204',
      '      timeout: 2s',
      '      interval: 3s',
      '      threshold: 4',
      '  tcp:',
      '    - {addr: "[::1]:80", timeout: 1s}',
      '    - {addr: :6379}',
    ];
    expect(configured({ yaml: file(...written) }).config.health).toMatchObject({
      file: [{ file: 'down', interval: 60_000, threshold: 2 }, { file: '/other' }],
      http: [
        {
          uri: 'https://a:8443/up?x=1',
          headers: new Map([
            ['X-Asked-By', ['registry']],
            ['Authorization', ['Bearer abc']],
          ]),
          statuscode: 204,
          timeout: 2_000,
          interval: 3_000,
          threshold: 4,
        },
      ],
      tcp: [
        { addr: { written: '[::1]:80', host: '::1', port: 80 }, timeout: 1_000 },
        { addr: { written: ':6379', host: 'localhost', port: 6379 } },
      ],
    });
  });

  it('take what Go has for a key that is not there as the default', () => {
    const zero = '{http: [{uri: "http://a", statuscode: 0, timeout: 0, interval: 0, threshold: 0}]}';
    expect(health(zero).http).toMatchObject([{ statuscode: 200, timeout: 5_000, interval: 10_000 }]);
  });

  it.each([
    [{ REGISTRY_HEALTH_FILECHECKERS_0_FILE: '/x' }, { file: [{ file: '/x', ...WATCHED }] }],
    [{ REGISTRY_HEALTH_FILE_0_FILE: '/x' }, { file: [{ file: '/x' }] }],
    [
      { REGISTRY_HEALTH_FILECHECKERS: '[{file: /x, interval: 1s}, {file: /y}]' },
      { file: [{ file: '/x', interval: 1_000 }, { file: '/y' }] },
    ],
    [
      {
        REGISTRY_HEALTH_HTTPCHECKERS_0_URI: 'http://a',
        REGISTRY_HEALTH_HTTPCHECKERS_0_STATUSCODE: '301',
        'REGISTRY_HEALTH_HTTPCHECKERS_0_HEADERS_X-Foo': '[bar]',
        'REGISTRY_HEALTH_HTTPCHECKERS_0_HEADERS_X-One_0': 'a',
      },
      {
        http: [
          {
            uri: 'http://a',
            statuscode: 301,
            headers: new Map([
              ['X-Foo', ['bar']],
              ['X-One', ['a']],
            ]),
          },
        ],
      },
    ],
    [
      { REGISTRY_HEALTH_TCPCHECKERS_0_ADDR: '[::1]:80', REGISTRY_HEALTH_TCPCHECKERS_0_TIMEOUT: '1s' },
      { tcp: [{ addr: { written: '[::1]:80', host: '::1', port: 80 }, timeout: 1_000 }] },
    ],
    [
      { REGISTRY_HEALTH_TCPCHECKERS_0_ADDR: 'a:1', REGISTRY_HEALTH_TCPCHECKERS_1_ADDR: 'b:2' },
      { tcp: [{ addr: { written: 'a:1' } }, { addr: { written: 'b:2' } }] },
    ],
  ])('come from the environment by the names of Go: %j', (env, expected) => {
    expect(environment(env)).toMatchObject(expected);
  });

  it('of a file are changed one by one by the environment', () => {
    const { file: files } = health('{file: [{file: /x, threshold: 1}]}', {
      REGISTRY_HEALTH_FILECHECKERS_0_INTERVAL: '2s',
    });
    expect(files).toEqual([{ file: '/x', threshold: 1, interval: 2_000 }]);
  });
});

describe('what is wrong below health is told with its place', () => {
  const at = (key: string, rest: string) => [`${key} (config.yml:3) ${rest}`];

  it.each([
    ['{file: /x}', 'health.file', 'must be a list of maps, as in [{file: /etc/registry/down}].'],
    ['{file: [/x]}', 'health.file[0]', 'must be a map with the keys file, interval, threshold.'],
    ['{file: [{interval: 1s}]}', 'health.file[0].file', 'is missing: it must be given.'],
    ['{file: [{file: }]}', 'health.file[0].file', 'is missing: it must be given.'],
    [
      '{file: [{file: /x}, {file: /y, fil: /z}]}',
      'health.file[1].fil',
      'is no key: the keys here are file, interval, threshold.',
    ],
    [
      '{file: [{file: /x, threshold: -1}]}',
      'health.file[0].threshold',
      'must be a whole number, 0 or more, but is "-1".',
    ],
    [
      '{tcp: [{addr: "a:1", interval: 5}]}',
      'health.tcp[0].interval',
      'is 5, and a number without a unit means nanoseconds: write 5s for seconds.',
    ],
    [
      '{tcp: [{addr: "a"}]}',
      'health.tcp[0].addr',
      'must be an address to connect to: host:port, [IPv6]:port, or :port of this machine, but is "a".',
    ],
    [
      '{http: [{uri: "a/up"}]}',
      'health.http[0].uri',
      'must be an address that begins with http:// or https://.',
    ],
    [
      '{http: [{uri: "ftp://a/up"}]}',
      'health.http[0].uri',
      'must be an address that begins with http:// or https://.',
    ],
    [
      '{http: [{uri: "http://a", statuscode: 99}]}',
      'health.http[0].statuscode',
      'must be a status of HTTP, 100 to 599, but is 99.',
    ],
    [
      '{http: [{uri: "http://a", headers: {"a b": [c]}}]}',
      'health.http[0].headers',
      'has "a b", which is no name of a header.',
    ],
    [
      '{http: [{uri: "http://a", headers: {Content-Length: [1]}}]}',
      'health.http[0].headers',
      'has Content-Length, which every request sets for itself.',
    ],
  ])('%s', (yaml, key, rest) => {
    expect(problemsOf({ yaml: file(`health: ${yaml}`) })).toEqual(at(key, rest));
  });

  it.each(['a:0', 'a:65536', '[a]:1', '::1:80', 'http://a:1', 'a b:1', ':', 'a:'])(
    'the address %s',
    (addr) => {
      expect(problemsOf({ yaml: file(`health: {tcp: [{addr: "${addr}"}]}`) })).toEqual([
        expect.stringMatching(/^health\.tcp\[0\]\.addr \(config\.yml:3\) must be an address to connect to/),
      ]);
    },
  );

  it('two checks of one name, whatever their kinds', () => {
    const yaml = file('health:', '  file:', '    - file: db:5432', '  tcp:', '    - addr: db:5432');
    expect(problemsOf({ yaml })).toEqual([
      'health has two checks of "db:5432": health.file[0] (config.yml:5) and health.tcp[0] (config.yml:7). Keep one.',
    ]);
  });

  it.each(['/debug/health', '/livez', '/readyz'])('metrics in the place of %s', (path) => {
    expect(problemsOf({ yaml: file(`http: {debug: {prometheus: {path: ${path}}}}`) })).toEqual([
      `http.debug.prometheus.path (config.yml:3) is ${path}, where something else is served: write /metrics.`,
    ]);
  });

  it('a variable, by its name', () => {
    expect(problemsOf({ yaml: file(), env: { REGISTRY_HEALTH_TCPCHECKERS_0_ADR: 'a:1' } })).toEqual([
      'health.tcp[0].adr (REGISTRY_HEALTH_TCPCHECKERS_0_ADR) is no key: the keys here are addr, timeout, interval, threshold.',
    ]);
  });

  it('never fails but by sentences, whatever an item is', () => {
    fc.assert(
      fc.property(fc.constantFrom('file', 'http', 'tcp'), fc.jsonValue({ maxDepth: 3 }), (kind, value) => {
        const problems = problemsOf({ yaml: file(`health: {${kind}: ${JSON.stringify(value)}}`) });
        for (const problem of problems) expect(problem).toMatch(/^[^\n]+\.$/s);
      }),
    );
  });
});

describe('credentials below health', () => {
  const SECRET = 'hunter2';

  it('are shown by no report', () => {
    const { report, config } = configured({
      yaml: file(
        `health: {http: [{uri: "http://me:${SECRET}@a/up?token=${SECRET}", headers: {Authorization: [Bearer ${SECRET}]}}]}`,
      ),
    });
    expect(JSON.stringify(report)).not.toContain(SECRET);
    expect(config.health.http[0]?.uri).toContain(SECRET);
  });

  it.each([
    `{http: [{uri: "me:${SECRET}@a"}]}`,
    `{http: [{uri: "http://a", headers: {Authorization: ${SECRET}}}]}`,
    `{http: [{uri: "http://a", headers: "Bearer ${SECRET}"}]}`,
    `{http: [{uri: "http://me:${SECRET}@a"}, {uri: "http://me:${SECRET}@a"}]}`,
  ])('are repeated by no problem: %s', (yaml) => {
    const problems = problemsOf({ yaml: file(`health: ${yaml}`) });
    expect(problems).toHaveLength(1);
    expect(problems.join()).not.toContain(SECRET);
  });
});

describe('docs/configuration.md', () => {
  it('shows the keys of each check and the variables that set them', () => {
    const docs = describeConfig();
    expect(docs).toContain(
      '- Environment: `REGISTRY_HEALTH_FILECHECKERS` or `REGISTRY_HEALTH_FILECHECKERS_0_FILE`',
    );
    for (const key of ['file', 'uri', 'headers', 'statuscode', 'timeout', 'addr']) {
      expect(docs).toMatch(new RegExp(`^ {2}- \`${key}\`: .* (Default: \`.*\`|It must be given)$`, 'm'));
    }
  });
});
