import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { defaultFile } from '../../../src/infrastructure/config/default-file.js';
import { describeConfig } from '../../../src/infrastructure/config/describe-config.js';
import { FileConfigurationReader } from '../../../src/infrastructure/config/configuration-reader.js';
import { configured, CWD } from './configured.js';

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
    const withoutS3 = taken.filter((_line, index) => !isOfS3(lines, index));
    const yaml = withoutS3.filter((line) => !line.includes('inmemory:')).join('\n');
    expect(Object.keys(parse(yaml) as object)).toContain('metadata');
    const { config } = configured({ yaml });
    expect(config.metadata.sqlite.path).toBe('/var/lib/stowage/metadata.db');
    expect(config.http.debug?.addr).toEqual({ host: '127.0.0.1', port: 5001 });
  });
});

/** Whether a line stands in the section of S3, which is all example. */
function isOfS3(lines: readonly string[], index: number): boolean {
  const begin = lines.indexOf('  # s3:');
  const end = lines.findIndex((line, at) => at > begin && !line.startsWith('  #   '));
  return index >= begin && index < end;
}

describe('the examples of S3', () => {
  it('are a store, as they stand', () => {
    const lines = defaultFile().split('\n');
    const section = lines.filter((_line, index) => isOfS3(lines, index)).map((line) => line.slice(4));
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

describe('FileConfigurationReader', () => {
  it('reads the environment it was given', () => {
    const reader = new FileConfigurationReader({ REGISTRY_LOG_LEVEL: 'debug' }, CWD);
    expect(reader.read({ file: undefined, flags: [] }).values).toContainEqual({
      key: 'log.level',
      value: 'debug',
      origin: { kind: 'environment', variable: 'REGISTRY_LOG_LEVEL' },
    });
    expect(reader.defaultFile()).toBe(defaultFile());
  });
});
