import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configured, problemsOf } from './configured.js';
import { ConfigurationError } from '../../../src/application/ports/system/configuration-reader.js';

const SIGNS = ' !|>*&"\'[]{},:@%`-?#\\~<='.split('');
const SECRET = 'pl4nted-s3cret';

/** Where a secret may stand: the lines around it. */
const PLACES: Readonly<Record<string, (value: string) => string>> = {
  's3, in lines': (value) =>
    `storage:\n  s3:\n    bucket: b\n    region: us-east-1\n    accesskey: a\n    secretkey:${value}\n`,
  's3, in braces': (value) =>
    `storage: {s3: {bucket: b, region: us-east-1, accesskey: a, secretkey:${value}}}\n`,
  http: (value) => `storage: inmemory\nhttp:\n  secret:${value}\n`,
  redis: (value) => `storage: inmemory\nredis: {password:${value}}\n`,
  proxy: (value) => `storage: inmemory\nproxy:\n  password:${value}\n`,
  'a header': (value) =>
    `storage: inmemory\nhealth:\n  http:\n    - uri: http://h/\n      headers:\n        Authorization:${value}\n`,
  'headers in braces': (value) =>
    `storage: inmemory\nhealth: {http: [{uri: "http://h/", headers: {Authorization:${value}}}]}\n`,
  'a URI': (value) =>
    `storage: inmemory\nhealth: {http: [{uri: "http://u:${encodeURIComponent(value)}@h/"}]}\n`,
};

/** All that is said of it: what is wrong, or what it amounts to. */
function said(yaml: string): string {
  try {
    return JSON.stringify(configured({ yaml }).report);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.join('\n');
  }
}

describe('a secret in a configuration', () => {
  it.each(Object.entries(PLACES))('is not repeated, whatever is wrong around it: %s', (_name, place) => {
    const signs = fc.string({ unit: fc.constantFrom(...SIGNS), maxLength: 4 });
    fc.assert(
      fc.property(signs, signs, (before, after) => {
        // A name with a value of its own is a name, and is repeated.
        fc.pre(!(/[,{?]/.test(before) && after.includes(':')));
        expect(said(`version: 0.1\n${place(before + SECRET + after)}`)).not.toContain(SECRET);
      }),
      { numRuns: 100 },
    );
  });

  it('is not repeated when it begins with a sign of YAML, and the sentence says what to do', () => {
    const yaml = (sign: string) => `version: 0.1\nstorage: inmemory\nhttp:\n  secret: ${sign}${SECRET}\n`;
    const hint = 'a value that begins with !, | or > needs quotes.';
    expect(problemsOf({ yaml: yaml('!') })).toEqual([
      `config.yml:4 is no valid configuration file: it has a tag that is not known; ${hint}`,
    ]);
    expect(problemsOf({ yaml: yaml('|') })).toEqual([
      `config.yml:4 is no valid configuration file: Block scalar header includes extra characters; ${hint}`,
    ]);
  });

  it('is not repeated where a comma cuts it in two', () => {
    const yaml = `version: 0.1\nstorage: inmemory\nredis: {password: a,${SECRET}}\n`;
    expect(problemsOf({ yaml })).toEqual([
      'redis (config.yml:3) has a word without a value that is no key: a value with a comma needs quotes.',
    ]);
  });

  it('is not repeated behind a colon without a space', () => {
    const yaml = `version: 0.1\nstorage: inmemory\nredis: {password:${SECRET}}\nhttp: {secret:${SECRET}}\n`;
    const fault = 'has no value: the colon behind it needs a space after it.';
    expect(problemsOf({ yaml })).toEqual([
      `redis.password (config.yml:3) ${fault}`,
      `http.secret (config.yml:4) ${fault}`,
    ]);
  });
});
