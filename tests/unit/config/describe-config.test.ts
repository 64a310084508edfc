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
    const yaml = taken.filter((line) => !line.includes('inmemory:')).join('\n');
    expect(Object.keys(parse(yaml) as object)).toContain('metadata');
    const { config } = configured({ yaml });
    expect(config.metadata.sqlite.path).toBe('/var/lib/stowage/metadata.db');
    expect(config.http.debug?.addr).toEqual({ host: '127.0.0.1', port: 5001 });
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
