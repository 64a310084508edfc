import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  ConfigurationError,
  type ConfigurationReport,
} from '../../../src/application/ports/system/configuration-reader.js';
import { invoked } from './invoked.js';

const report: ConfigurationReport = {
  file: 'config.yml',
  values: [
    { key: 'http.addr', value: ':5000', origin: { kind: 'file', path: 'config.yml', line: 12 } },
    {
      key: 'http.headers.X-A',
      value: ['b'],
      origin: { kind: 'environment', variable: 'REGISTRY_HTTP_HEADERS_X-A' },
    },
    { key: 'log.level', value: 'debug', origin: { kind: 'flag', flag: '--log-level' } },
    { key: 'log.formatter', value: undefined, origin: { kind: 'default' } },
  ],
  notices: ['http.secret (config.yml:3) is not needed: nothing has to be signed.'],
  warnings: ['http.addr (config.yml:12) is :5000: other machines can reach it.'],
};

const refusing = (...problems: string[]) => ({
  read: () => {
    throw new ConfigurationError(problems);
  },
});

describe('config check', () => {
  it('prints notices, warnings and that the file is valid', async () => {
    expect(await invoked('config check config.yml', { read: () => report })).toMatchObject({
      code: 0,
      out: `notice: ${report.notices[0]}\nconfig.yml is valid.\n`,
      err: `warning: ${report.warnings[0]}\n`,
      requests: [{ file: 'config.yml', flags: [] }],
    });
  });

  it('says that what applies is valid when there is no file', async () => {
    expect((await invoked('config check')).out).toBe('No file is configured; what applies is valid.\n');
  });

  it('lists every problem, with exit code 2', async () => {
    const { code, err } = await invoked('config check', refusing('A is wrong.', 'B is wrong.'));
    expect(code).toBe(2);
    expect(err).toContain('  - A is wrong.\n  - B is wrong.\n');
  });

  it('answers a program in JSON, problems included', async () => {
    const valid = await invoked('config check config.yml --json', { read: () => report });
    expect(valid.code).toBe(0);
    expect(JSON.parse(valid.out)).toEqual({
      valid: true,
      file: 'config.yml',
      problems: [],
      notices: report.notices,
      warnings: report.warnings,
    });
    const invalid = await invoked('config check x.yml --json', refusing('A is wrong.'));
    expect(invalid).toMatchObject({ code: 2, err: '' });
    expect(JSON.parse(invalid.out)).toMatchObject({ valid: false, file: 'x.yml', problems: ['A is wrong.'] });
  });
});

describe('config show', () => {
  it('prints each value with where it comes from', async () => {
    const { out } = await invoked('config show', { read: () => report });
    expect(out.split('\n')).toEqual([
      'KEY               VALUE  FROM',
      'http.addr         :5000  config.yml:12',
      'http.headers.X-A  ["b"]  REGISTRY_HTTP_HEADERS_X-A',
      'log.level         debug  --log-level',
      'log.formatter     -      default',
      '',
    ]);
  });

  it('uses colours only where they are shown', async () => {
    const plain = await invoked('config show', { read: () => report });
    const coloured = await invoked('config show', { read: () => report, colour: true });
    expect(plain.out).not.toContain('\u001b');
    expect(stripVTControlCharacters(coloured.out)).toBe(plain.out);
    expect(coloured.out).toContain('\u001b[2mdefault\u001b[22m');
  });

  it('prints JSON for a program', async () => {
    const { out } = await invoked('config show --json', { read: () => report });
    expect(JSON.parse(out)).toEqual(report.values.map((value) => ({ ...value, value: value.value ?? null })));
  });

  it('prints the built-in configuration without reading any', async () => {
    expect(await invoked('config show --default')).toMatchObject({ out: 'version: 0.1\n', requests: [] });
  });
});
