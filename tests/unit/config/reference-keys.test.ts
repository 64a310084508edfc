import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configured, problemsOf, type Written } from './configured.js';
import { referenceKeys, variableOf } from './reference-keys.js';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/configuration.md'), 'utf8');

/** What the table of docs/configuration.md says of each key. */
const told = new Map(
  [...PAGE.matchAll(/^\| `([^`]+)` +\| (.+?) +\| (.*?) +\|$/gm)].map(
    ([, key = '', here = '', variable = '']) => [key, { here, variable }],
  ),
);

/** The row of a key: its own, or that of the section or map in which it stands. */
function rowOf(key: string): { readonly here: string } | undefined {
  const parts = key.split('.');
  for (let length = parts.length; length > 0; length -= 1) {
    const start = parts.slice(0, length).join('.');
    const row = told.get(start) ?? told.get(start.replace(/\[\]$/, ''));
    if (row !== undefined) return row;
  }
  return undefined;
}

/** A file with nothing but that key, the first of a list, or under a name of the operator's. */
function asSection(key: string): object {
  const build = (parts: readonly string[]): unknown => {
    const [name = '', ...rest] = parts;
    if (name === '') return 'x';
    const inside = build(rest);
    const plain = name === '*' ? 'X-Name' : name.replace('[]', '');
    return { [plain]: name.endsWith('[]') ? [inside] : inside };
  };
  return build(key.split('.')) as object;
}

/** What it says of names that it does not know; most values are wrong. */
function unknownIn(written: Written): readonly string[] {
  const problems = problemsOf(written);
  const warnings = problems.length > 0 ? [] : configured(written).report.warnings;
  return [...problems, ...warnings].filter((sentence) => /is no key|names no key/.test(sentence));
}

describe('every key of the reference registry', () => {
  it('is there to be looked at', () => {
    expect(referenceKeys.length).toBeGreaterThan(200);
    expect(new Set(referenceKeys).size).toBe(referenceKeys.length);
  });

  it.each(referenceKeys.map((key) => ({ key })))('$key is honoured, not needed or refused', ({ key }) => {
    expect(rowOf(key)?.here).toMatch(/^(\[honoured\]\(#[\w-]+\)|accepted, not needed: .+\.|refused: .+\.)$/);
  });

  it.each(referenceKeys.map((key) => ({ key, variable: variableOf(key) })))(
    '$key is known, in a file and as $variable',
    ({ key, variable }) => {
      expect(unknownIn({ yaml: JSON.stringify({ version: 0.1, ...asSection(key) }) })).toEqual([]);
      expect(unknownIn({ yaml: 'version: 0.1\nstorage: inmemory\n', env: { [variable]: 'x' } })).toEqual([]);
    },
  );

  it.each([
    ['health.file[].file', 'REGISTRY_HEALTH_FILECHECKERS_0_FILE'],
    ['health.http[].uri', 'REGISTRY_HEALTH_HTTPCHECKERS_0_URI'],
    ['health.tcp[].addr', 'REGISTRY_HEALTH_TCPCHECKERS_0_ADDR'],
    ['log.level', 'REGISTRY_LOG_LEVEL'],
    ['storage.s3.regionendpoint', 'REGISTRY_STORAGE_S3_REGIONENDPOINT'],
  ])('%s is told with its variable %s', (key, variable) => {
    expect(variableOf(key)).toBe(variable);
    expect(told.get(key)?.variable).toBe(`\`${variable}\``);
  });
});
