import { describe, expect, it } from 'vitest';
import { configured, problemsOf } from './configured.js';

describe('storage.maintenance.uploadpurging', () => {
  const yamlOf = (map: string) =>
    `version: 0.1\nstorage: {inmemory: , maintenance: {uploadpurging: ${map}}}\n`;
  const purging = (map: string) => {
    const { config, report } = configured({ yaml: yamlOf(map) });
    return { ...config.storage.maintenance.uploadpurging, ...report };
  };
  const AGE = 604_800_000;
  const INTERVAL = 86_400_000;

  it.each([
    ['', { enabled: true, age: AGE, interval: INTERVAL, dryrun: false }],
    ['{}', { enabled: true, age: AGE, interval: INTERVAL, dryrun: false }],
    ['{enabled: false}', { enabled: false, age: AGE, interval: INTERVAL, dryrun: false }],
    ['{age: 1h30m}', { enabled: true, age: 5_400_000, interval: INTERVAL, dryrun: false }],
    ['{dryrun: yes, interval: 2160h}', { enabled: true, age: AGE, interval: 7_776_000_000, dryrun: true }],
    [
      '{enabled: true, age: 8760h, interval: 24h, dryrun: false}',
      { enabled: true, age: 31_536_000_000, interval: INTERVAL, dryrun: false },
    ],
    ['{age: 604800000000000}', { enabled: true, age: AGE, interval: INTERVAL, dryrun: false }],
    ['{age: 0s}', { enabled: true, age: 0, interval: INTERVAL, dryrun: false }],
  ])('takes "%s"', (map, expected) => {
    expect(purging(map)).toMatchObject({ ...expected, notices: [] });
  });

  it('is not held to values that nothing reads, as there, and says so', () => {
    const { enabled, notices } = purging('{age: 168, interval: 0, days: 7, enabled: no}');
    expect(enabled).toBe(false);
    expect(notices).toEqual([
      expect.stringMatching(/^Not read, because it is switched off: .*\.age \(.*config\.yml:2\) is 168, and/),
      expect.stringMatching(/^Not read, because it is switched off: .*\.interval .* too short/),
      expect.stringMatching(/^Not read, because it is switched off: .*\.days .* is no key/),
    ]);
  });

  it('warns of an age in which clients pause', () => {
    expect(purging('{age: 10m}').warnings).toEqual([
      expect.stringMatching(
        /^storage\.maintenance\.uploadpurging\.age \(.*config\.yml:2\) is 10m: .* pauses for longer is ended/,
      ),
    ]);
    expect(purging('{age: 1h}').warnings).toEqual([]);
    expect(purging('{age: 10m, enabled: false}').warnings).toEqual([]);
  });

  it.each([
    ['{age: 7d}', 'age', 'must be a duration such as 10s, 1m30s or 250ms, or 0, but is "7d"'],
    ['{age: -1h}', 'age', 'must be a duration'],
    ['{age: 10000000h}', 'age', 'is longer than 292 years'],
    ['{age: 168}', 'age', 'a number without a unit means nanoseconds'],
    ['{interval: 0s}', 'interval', 'is too short: it must be 1ms or more'],
    ['{dryrun: "true"}', 'dryrun', 'without quotes: in quotes it is text'],
    ['{disabled: true}', 'disabled', 'is no key of the configuration'],
  ])('refuses "%s"', (map, key, message) => {
    const [problem, ...more] = problemsOf({ yaml: yamlOf(map) });
    expect(more).toEqual([]);
    expect(problem).toContain(`storage.maintenance.uploadpurging.${key} (config.yml:2)`);
    expect(problem).toContain(message);
  });

  it.each(['false', '24h', '[]'])('refuses "%s", and says what can stand there', (value) => {
    expect(problemsOf({ yaml: yamlOf(value) })).toEqual([
      'storage.maintenance.uploadpurging (config.yml:2) must be a map with keys such as enabled, age, interval, dryrun.',
    ]);
  });
});
