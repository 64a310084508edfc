import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { formatGoDuration, parseGoDuration } from '../../../src/infrastructure/config/go-duration.js';
import { knownKeys } from '../../../src/infrastructure/config/key-tree.js';
import {
  formatListenAddress,
  parseListenAddress,
} from '../../../src/infrastructure/config/listen-address.js';
import { configured, MAINTENANCE, problemsOf, REDIRECT } from './configured.js';

const name = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,12}$/);
const absolutePath = fc.stringMatching(/^(\/[a-z0-9 :#'"{}[\]-]{1,8}){1,3}$/).map((path) => path.trimEnd());
const scalar = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom('yes', '0.10', '1:30', '~', '<<'),
);
const headerValue = fc.stringMatching(/^[!-~]([ !-~]{0,10}[!-~])?$/);

/** Documents that must be accepted, with what they must amount to. */
const accepted = fc.record({
  level: fc.constantFrom('error', 'warn', 'info', 'debug'),
  fields: fc.dictionary(name, fc.oneof(scalar, fc.array(scalar)), { maxKeys: 4 }),
  root: absolutePath,
  remove: fc.boolean(),
  port: fc.integer({ min: 0, max: 65_535 }),
  header: fc.array(headerValue, { maxLength: 3 }),
  drain: fc.integer({ min: 1, max: 2_147_483_647 }),
  maxtags: fc.integer({ min: 1, max: 1e9 }),
  flow: fc.boolean(),
});

describe('configuration', () => {
  it('means what is written in it, in block and in flow style', () => {
    fc.assert(
      fc.property(accepted, (said) => {
        const document = {
          version: 0.1,
          log: { level: said.level, fields: said.fields },
          storage: { filesystem: { rootdirectory: said.root }, delete: { enabled: said.remove } },
          http: {
            addr: `127.0.0.1:${said.port}`,
            headers: { 'X-Said': said.header },
            draintimeout: formatGoDuration(said.drain),
          },
          tags: { maxtags: said.maxtags },
        };
        const yaml = stringify(document, { version: '1.1', collectionStyle: said.flow ? 'flow' : 'block' });
        const { config } = configured({ yaml });
        expect(config.log.level).toBe(said.level);
        expect(config.log.fields).toEqual(said.fields);
        expect(config.storage).toEqual({
          driver: { kind: 'filesystem', rootdirectory: resolve(said.root) },
          delete: { enabled: said.remove },
          redirect: REDIRECT,
          maintenance: MAINTENANCE,
        });
        expect(config.http.addr).toMatchObject({ port: said.port });
        expect(config.http.headers).toEqual({ 'X-Said': said.header });
        expect(config.http.draintimeout).toBe(said.drain);
        expect(config.tags.maxtags).toBe(said.maxtags);
      }),
    );
  });

  it('never fails but by a list of sentences, whatever the environment is', () => {
    const known = [...knownKeys()].map((key) => key.replaceAll('.', '_').toUpperCase());
    const part = fc.constantFrom('0', '1', '10', '', 'X', 'x-y', '__proto__', 'constructor', 'ENABLED');
    const variable = fc
      .tuple(fc.constantFrom(...known, 'X', ''), fc.array(part, { maxLength: 3 }))
      .map(([key, parts]) => ['REGISTRY', key, ...parts].join('_'));
    const payload = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '',
        '{',
        '[]',
        '{}',
        '~',
        '- a',
        '[[a]]',
        '{a: {b: c}}',
        '*a',
        '&a [*a]',
        '!x y',
        '<<: 1',
        '? []',
      ),
      fc.json(),
    );
    const environment = fc.array(fc.tuple(variable, payload), { maxLength: 5 });
    fc.assert(
      fc.property(environment, fc.boolean(), (entries, hasFile) => {
        const env = Object.fromEntries(entries);
        const yaml = 'version: 0.1\nstorage: {filesystem: }\nhttp: {headers: {x: [a]}}\n';
        for (const problem of problemsOf(hasFile ? { yaml, env } : { env }))
          expect(problem).toMatch(/\.|\?$/);
      }),
      { numRuns: 200 },
    );
  });

  it('never fails but by a list of sentences, whatever stands in the place of a value', () => {
    const odd = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom(
        null,
        '',
        [],
        {},
        [{}],
        [null],
        '0',
        -1,
        1e308,
        '__proto__',
        { constructor: 1 },
        'x'.repeat(500),
      ),
    );
    const placed = fc.tuple(fc.constantFrom(...knownKeys()), odd);
    fc.assert(
      fc.property(fc.array(placed, { minLength: 1, maxLength: 4 }), (all) => {
        const document: Record<string, unknown> = { version: '0.1' };
        for (const [key, value] of all) {
          const parts = key.split('.');
          let map = document;
          for (const part of parts.slice(0, -1)) {
            const next = map[part];
            const made: Record<string, unknown> = isMap(next) ? next : {};
            map[part] = made;
            map = made;
          }
          map[parts.at(-1) ?? ''] = value;
        }
        for (const problem of problemsOf({ yaml: stringify(document, { version: '1.1' }) }))
          expect(problem).toMatch(/[.?]$/);
      }),
      { numRuns: 300 },
    );
  });

  it('never fails but by a list of sentences, whatever the file is', () => {
    const words = fc.constantFrom(
      'version: 0.1',
      'http:',
      '  addr:',
      ' - ',
      '{',
      '}',
      '[',
      ': ',
      '\n',
      '&a',
      '*a',
      '"',
      '|',
      '\t',
      '? ',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.oneof(words, fc.string({ maxLength: 3 }))).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, (yaml) => {
        expect(problemsOf({ yaml }).length).toBeGreaterThan(0);
      }),
      { numRuns: 150 },
    );
  });
});

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

describe('durations', () => {
  it('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_147_483_647 }), (milliseconds) => {
        expect(parseGoDuration(formatGoDuration(milliseconds))).toBeCloseTo(milliseconds, 6);
      }),
    );
  });

  it('of years are read back to the millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_223_372_036_854 }), (milliseconds) => {
        expect(parseGoDuration(formatGoDuration(milliseconds))).toBeCloseTo(milliseconds, 2);
      }),
    );
  });

  it.each([
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1.s', 1000],
    ['250ms', 250],
    ['3us', 0.003],
    ['3µs', 0.003],
    ['3μs', 0.003],
    ['1s1s', 2000],
    ['-2m', -120_000],
    ['5', 5e-6],
    ['0', 0],
  ])('%s is %d milliseconds', (text, milliseconds) => {
    expect(parseGoDuration(text)).toBeCloseTo(milliseconds, 9);
  });

  it.each(['', 's', '.s', '1d', '1 s', '10S', '1h ', '1h-30m', '0x1s', '1.2.3s', '1e3', '1.5'])(
    'are not "%s", as in Go',
    (text) => {
      expect(parseGoDuration(text)).toBeUndefined();
    },
  );
});

describe('addresses', () => {
  it('are read back as they were written', () => {
    const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain(), fc.constantFrom(undefined, 'localhost'));
    fc.assert(
      fc.property(host, fc.integer({ min: 0, max: 65_535 }), (chosen, port) => {
        const address = { host: chosen, port };
        expect(parseListenAddress(formatListenAddress(address))).toEqual(address);
      }),
    );
  });

  it('are an address or a complaint, whatever the text is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[[\]:.0-9a-f]{0,12}$/)), (text) => {
        const parsed = parseListenAddress(text);
        if (typeof parsed === 'string') expect(parsed).toMatch(/^(has|is|must)/);
        else expect(parsed.port).toBeLessThanOrEqual(65_535);
      }),
    );
  });
});
