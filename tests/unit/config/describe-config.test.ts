import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { defaultFile } from '../../../src/infrastructure/config/default-file.js';
import { describeConfig } from '../../../src/infrastructure/config/describe-config.js';
import { FileConfigurationReader } from '../../../src/infrastructure/config/configuration-reader.js';
import { configured, CWD, file } from './configured.js';

describe('docs/configuration.md', () => {
  // After a change of the schema: npx vitest run tests/unit/config/describe-config.test.ts -u
  it('is what the schema says', async () => {
    await expect(describeConfig()).toMatchFileSnapshot(
      join(import.meta.dirname, '../../../docs/configuration.md'),
    );
  });
});

describe('the built-in configuration as a file', () => {
  it('means the same as no configuration', () => {
    expect(configured({ yaml: defaultFile() }).config).toEqual(configured({}).config);
  });

  it('still can be used when its examples are taken in', () => {
    const lines = defaultFile().split('\n');
    const taken = lines.map((line) => line.replace(/^(\s*)# (\s*)(\w+):( \S+)?$/, '$1$2$3:$4'));
    const chosen = taken.filter((_line, index) => ![S3, TOKEN].some((head) => isBelow(head, lines, index)));
    const whole = chosen.filter((line) => !line.includes('inmemory:')).join('\n');
    // Files are sent by proxies, of which there are none by default.
    const yaml = whole.replace('trustedproxies: []', 'trustedproxies: [127.0.0.1]');
    expect(Object.keys(parse(yaml) as object)).toContain('metadata');
    const { config } = configured({ yaml });
    expect(config.metadata.sqlite.path).toBe('/var/lib/stowage/metadata.db');
    expect(config.http.debug?.addr).toEqual({ host: '127.0.0.1', port: 5001 });
  });
});

/** Sections that are all example, because one thing alone may be chosen. */
const S3 = '  # s3:';
const TOKEN = '#   token:';

/** Whether a line is this one, or stands in its section. */
function isBelow(head: string, lines: readonly string[], index: number): boolean {
  const begin = lines.indexOf(head);
  const inside = head.replace(/\w+:$/, '  ');
  const end = lines.findIndex((line, at) => at > begin && !line.startsWith(inside));
  return index >= begin && index < end;
}

describe('the examples of S3', () => {
  it('are a store, as they stand', () => {
    const lines = defaultFile().split('\n');
    const section = lines.filter((_line, index) => isBelow(S3, lines, index)).map((line) => line.slice(4));
    const yaml = [
      'version: 0.1',
      'metadata: {sqlite: {path: /x.db}}',
      'storage:',
      ...section.map((line) => `  ${line}`),
      '    secretkey: x',
    ].join('\n');
    expect(configured({ yaml }).config.storage.driver).toMatchObject({
      kind: 's3',
      bucket: 'my-images',
      regionendpoint: 'https://s3.example.com',
      chunksize: 10_485_760,
    });
  });
});

describe('the examples of a token server', () => {
  it('are one, as they stand', () => {
    const lines = defaultFile().split('\n');
    const section = lines.filter((_line, index) => isBelow(TOKEN, lines, index)).map((line) => line.slice(1));
    const { config } = configured({ yaml: file('auth:', ...section) });
    expect(config.auth).toMatchObject({ kind: 'token', issuer: 'auth.example.com' });
  });
});

describe('FileConfigurationReader', () => {
  it('reads the environment it was given', () => {
    const reader = new FileConfigurationReader({ REGISTRY_LOG_LEVEL: 'debug' }, CWD, async () => []);
    expect(reader.read({ file: undefined, flags: [] }).values).toContainEqual({
      key: 'log.level',
      value: 'debug',
      origin: { kind: 'environment', variable: 'REGISTRY_LOG_LEVEL' },
    });
    expect(reader.defaultFile()).toBe(defaultFile());
  });
});
