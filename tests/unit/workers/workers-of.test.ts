import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { workersOf } from '../../../src/container/workers/workers-of.js';
import type { Config } from '../../../src/infrastructure/config/config.js';
import { testConfig } from '../../support/in-process-registry.js';

const SERVE = { trial: false };

function configOf(workers: Config['http']['workers'], driver?: Config['storage']['driver']): Config {
  return testConfig({
    http: { workers },
    storage: { driver: driver ?? { kind: 'filesystem', rootdirectory: tmpdir() } },
  });
}

describe('how many processes answer', () => {
  it.each([
    [1, 1],
    [2, 1],
    [4, 2],
    [16, 8],
    [128, 8],
  ])('is on %i cores, by itself, %i', (cores, count) => {
    expect(workersOf(configOf('auto'), SERVE, cores)).toEqual({ count });
  });

  it('is what was asked for', () => {
    expect(workersOf(configOf(5), SERVE, 1)).toEqual({ count: 5 });
  });

  it('is one for a trial, which says so only when more were asked for', () => {
    const trial = { trial: true };
    expect(workersOf(configOf(5), trial, 16)).toEqual({ count: 1, alone: 'a trial is one process' });
    expect(workersOf(configOf('auto'), trial, 16)).toEqual({ count: 1 });
  });

  it('is one for storage in memory', () => {
    expect(workersOf(configOf('auto', { kind: 'inmemory' }), SERVE, 16)).toEqual({ count: 1 });
  });
});
