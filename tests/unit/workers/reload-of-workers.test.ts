import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/application/ports/system/configuration-reader.js';
import { NamedFileRefused } from '../../../src/application/ports/system/named-file-refused.js';
import type { Reloadable } from '../../../src/application/ports/system/reloadable.js';
import { allRight } from '../../../src/application/services/all-right.js';
import { WorkerReload } from '../../../src/container/workers/worker-reload.js';
import { WorkersState } from '../../../src/container/workers/workers-state.js';
import { WorkersTerms } from '../../../src/container/workers/workers-terms.js';
import type { Config } from '../../../src/infrastructure/config/config.js';
import type { Preparation, WorkerReport } from '../../../src/infrastructure/workers/worker-messages.js';
import { testConfig } from '../../support/in-process-registry.js';
import { RecordingLogger } from '../observability/recording-logger.js';

const CONFIG = testConfig({});

describe('what a worker does of a reload', () => {
  const taken: string[] = [];
  const part = (name: string, fault?: Error): Reloadable<Config> => ({
    prepare: async () => {
      if (fault !== undefined) throw fault;
      return () => taken.push(name);
    },
  });

  it('is prepared, and comes into force when it is told so, once', async () => {
    const reload = new WorkerReload([part('a'), part('b')], new RecordingLogger());
    expect(await reload.prepare(CONFIG)).toEqual({ kind: 'prepared' });
    expect(taken).toEqual([]);
    reload.apply();
    reload.apply();
    expect(taken.splice(0)).toEqual(['a', 'b']);
  });

  it('is refused with every file that cannot be used, and nothing comes into force', async () => {
    const refusing = [
      part('a'),
      part('b', refused('auth.htpasswd.path')),
      part('c', refused('http.tls.key')),
    ];
    const reload = new WorkerReload(refusing, new RecordingLogger());
    expect(await reload.prepare(CONFIG)).toEqual({
      kind: 'refused',
      refusals: [
        { key: 'auth.htpasswd.path', sentence: 'auth.htpasswd.path is missing.' },
        { key: 'http.tls.key', sentence: 'http.tls.key is missing.' },
      ],
    });
    reload.apply();
    expect(taken).toEqual([]);
  });

  it('fails with a line in the log at what is no fault of the configuration', async () => {
    const logger = new RecordingLogger();
    const reload = new WorkerReload([part('a', new Error('a bug'))], logger);
    expect(await reload.prepare(CONFIG)).toEqual({ kind: 'failed' });
    expect(logger.lines.map(({ level }) => level)).toEqual(['error']);
  });
});

function refused(key: string): NamedFileRefused {
  return new NamedFileRefused(key, `${key} is missing.`);
}

describe('a reload of all workers', () => {
  const termsOf = (...preparations: readonly Preparation[]) => {
    const told: string[] = [];
    const terms = new WorkersTerms({
      prepare: async () => preparations,
      apply: () => told.push('apply'),
    });
    return { terms, told };
  };
  const refusal = (key: string): Preparation => ({
    kind: 'refused',
    refusals: [{ key, sentence: `${key} is missing.` }],
  });

  it('is applied by all when all are prepared', async () => {
    const { terms, told } = termsOf({ kind: 'prepared' }, { kind: 'prepared' });
    const apply = await terms.prepare(CONFIG);
    expect(told).toEqual([]);
    apply();
    expect(told).toEqual(['apply']);
  });

  it('is refused when one refuses, with each sentence once and its place', async () => {
    const { terms } = termsOf({ kind: 'prepared' }, refusal('a.b'), refusal('a.b'), refusal('c'));
    const outcome = allRight([terms.prepare(CONFIG)], (key) => `x.yml:${key.length}`);
    await expect(outcome).rejects.toEqual(
      new ConfigurationError(['a.b (x.yml:3): a.b is missing.', 'c (x.yml:1): c is missing.']),
    );
  });

  it('fails when one is silent', async () => {
    const { terms } = termsOf({ kind: 'prepared' }, { kind: 'failed' });
    await expect(terms.prepare(CONFIG)).rejects.toThrow('a worker could not prepare it');
  });
});

describe('the state of the workers', () => {
  const report = (reasons: readonly string[], failing = {}): WorkerReport => ({
    metrics: [],
    failing,
    reasons,
  });
  const stateOf = (...reports: readonly WorkerReport[]) => new WorkersState({ reports: async () => reports });

  it('is ready when all are', async () => {
    expect(await stateOf(report([]), report([])).reasons()).toEqual([]);
  });

  it('is not when one is not, for each reason once', async () => {
    expect(await stateOf(report(['x', 'y']), report(['x'])).reasons()).toEqual(['x', 'y']);
  });

  it('is not before the first answers, nor after a stop has begun', async () => {
    expect(await stateOf().reasons()).toEqual(['the registry starts']);
    const state = stateOf(report([]));
    state.stop();
    expect(await state.reasons()).toEqual(['the registry stops']);
  });

  it('has every check that fails anywhere', async () => {
    const state = stateOf(report([], { a: 'broken' }), report([], { b: 'gone' }));
    expect(await state.failing()).toEqual({ a: 'broken', b: 'gone' });
  });
});
