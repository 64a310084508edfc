import { beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/application/ports/system/configuration-reader.js';
import { NamedFileRefused } from '../../../src/application/ports/system/named-file-refused.js';
import type { Reloadable } from '../../../src/application/ports/system/reloadable.js';
import {
  ReloadConfiguration,
  type ReloadOutcome,
} from '../../../src/application/use-cases/maintenance/reload-configuration.js';
import { RecordingLogger } from '../observability/recording-logger.js';

/** A configuration is a number here. */
class Part implements Reloadable<number> {
  inForce = 0;
  prepared = 0;
  fault: Error | undefined;
  /** What a prepare waits for. */
  gate: Promise<void> = Promise.resolve();

  async prepare(config: number): Promise<() => void> {
    this.prepared = config;
    await this.gate;
    if (this.fault !== undefined) throw this.fault;
    return () => {
      this.inForce = config;
    };
  }
}

describe('a reload', () => {
  let logger: RecordingLogger;
  let one: Part;
  let other: Part;
  let written: number;
  let accepted: number;
  let broken: ConfigurationError | undefined;
  let reload: ReloadConfiguration<number>;

  beforeEach(() => {
    logger = new RecordingLogger();
    [one, other] = [new Part(), new Part()];
    [written, accepted, broken] = [1, 0, undefined];
    const reread = () => {
      if (broken !== undefined) throw broken;
      const config = written;
      const keys = { changed: ['a.b'], restart: config === 2 ? ['c.d', 'e'] : [], warnings: ['A is odd.'] };
      return {
        config,
        ...keys,
        place: (key: string) => `x.yml:${key.length}`,
        accept: () => (accepted = config),
      };
    };
    reload = new ReloadConfiguration({ reread }, [one, other], logger);
  });

  const inForce = (): readonly number[] => [accepted, one.inForce, other.inForce];
  const said = (): readonly unknown[] =>
    logger.lines.map(({ level, message, fields }) => [level, message, fields]);

  it('puts all parts in force, and says which keys have changed', async () => {
    expect(await reload.execute()).toEqual({ kind: 'reloaded', changed: ['a.b'], restart: [] });
    expect(inForce()).toEqual([1, 1, 1]);
    expect(said()).toEqual([
      ['warn', 'A is odd.', {}],
      ['info', 'configuration was reloaded', { changed: ['a.b'] }],
    ]);
  });

  it('names the keys that need a restart in one warning', async () => {
    written = 2;
    expect(await reload.execute()).toMatchObject({ restart: ['c.d', 'e'] });
    expect(said()[1]).toEqual([
      'warn',
      'changed keys need a restart: until then they are as before',
      { keys: ['c.d', 'e'] },
    ]);
  });

  const keepsEverything = async (outcome: ReloadOutcome, fields: object): Promise<void> => {
    expect(await reload.execute()).toEqual(outcome);
    expect(inForce()).toEqual([0, 0, 0]);
    const message = 'configuration was not reloaded: the one before stays in force';
    expect(said()).toEqual([['error', message, fields]]);
  };

  it('changes nothing when the configuration is broken', async () => {
    broken = new ConfigurationError(['a.b (x.yml:3) must be a number.', 'c is no key.']);
    const reason = 'a.b (x.yml:3) must be a number. c is no key.';
    await keepsEverything({ kind: 'refused', problems: broken.problems }, { reason });
  });

  it('changes nothing when one part cannot take it, and says what is wrong with each', async () => {
    one.fault = new NamedFileRefused('a.b', '/x is gone.');
    other.fault = new NamedFileRefused('c', '/y is gone', { sentence: '/y is gone.' });
    const problems = ['a.b (x.yml:3): /x is gone.', 'c (x.yml:1): /y is gone.'];
    await keepsEverything({ kind: 'refused', problems }, { reason: problems.join(' ') });
  });

  it('changes nothing when a part fails unexpectedly, and logs why', async () => {
    other.fault = new TypeError('oh');
    const problems = ['An unexpected fault, which the log of the registry tells.'];
    await keepsEverything({ kind: 'refused', problems }, { error: other.fault });
  });

  it('works again after one that was refused', async () => {
    one.fault = new NamedFileRefused('a', '/x is gone.');
    await reload.execute();
    one.fault = undefined;
    expect(await reload.execute()).toMatchObject({ kind: 'reloaded' });
    expect(inForce()).toEqual([1, 1, 1]);
  });

  it('waits for the one before, and reads after it was asked for', async () => {
    let open = (): void => undefined;
    one.gate = new Promise((resolve) => {
      open = resolve;
    });
    const first = reload.execute();
    await Promise.resolve();
    written = 2;
    const second = reload.execute();
    await Promise.resolve();
    expect([one.prepared, accepted]).toEqual([1, 0]);
    open();
    expect(await first).toMatchObject({ restart: [] });
    expect(await second).toMatchObject({ restart: ['c.d', 'e'] });
    expect(inForce()).toEqual([2, 2, 2]);
  });
});
