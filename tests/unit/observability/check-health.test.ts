import { describe, expect, it } from 'vitest';
import type { HealthProbe } from '../../../src/application/ports/system/health-probe.js';
import { OverallHealth } from '../../../src/application/services/overall-health.js';
import { Readiness } from '../../../src/application/services/readiness.js';
import { CheckHealth } from '../../../src/application/use-cases/maintenance/check-health.js';
import { ManualClock } from '../../support/fakes.js';
import { RecordingLogger } from './recording-logger.js';

/** Something whose answer a test decides. */
class ManualProbe implements HealthProbe {
  readonly name: string;
  look: HealthProbe['look'] = () => Promise.resolve();

  constructor(name = 'db:5432') {
    this.name = name;
  }

  fail(message: string): void {
    this.look = () => Promise.reject(new Error(message));
  }

  recover(): void {
    this.look = () => Promise.resolve();
  }
}

const NEVER = new AbortController().signal;

function scenario(threshold: number): {
  probe: ManualProbe;
  clock: ManualClock;
  logger: RecordingLogger;
  health: CheckHealth;
} {
  const probe = new ManualProbe();
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  return { probe, clock, logger, health: new CheckHealth(probe, threshold, clock, logger) };
}

describe('a health check', () => {
  it('is good before the first check', () => {
    const { probe, health } = scenario(1);
    probe.fail('gone');
    expect(health.failure).toBeUndefined();
  });

  it('is bad once as many checks in a row have failed as the threshold says', async () => {
    const { probe, health } = scenario(3);
    probe.fail('disk on fire');
    const verdicts: boolean[] = [];
    for (let check = 0; check < 3; check += 1) {
      await health.execute(NEVER);
      verdicts.push(health.failure === undefined);
    }
    expect(verdicts).toEqual([true, true, false]);
    expect(health.failure).toBe('disk on fire');
  });

  it.each([0, 1])('is bad after the first failure with a threshold of %i', async (threshold) => {
    const { probe, health } = scenario(threshold);
    probe.fail('gone');
    await health.execute(NEVER);
    expect(health.failure).toBe('gone');
  });

  it('counts from the beginning after a check that succeeded', async () => {
    const { probe, health } = scenario(2);
    probe.fail('gone');
    await health.execute(NEVER);
    probe.recover();
    await health.execute(NEVER);
    probe.fail('gone');
    await health.execute(NEVER);
    expect(health.failure).toBeUndefined();
    await health.execute(NEVER);
    expect(health.failure).toBe('gone');
  });

  it('is good again after the first check that succeeds', async () => {
    const { probe, health } = scenario(1);
    probe.fail('gone');
    await health.execute(NEVER);
    probe.recover();
    await health.execute(NEVER);
    expect(health.failure).toBeUndefined();
  });

  it('tells the latest failure', async () => {
    const { probe, health } = scenario(1);
    probe.fail('first');
    await health.execute(NEVER);
    probe.fail('second');
    await health.execute(NEVER);
    expect(health.failure).toBe('second');
  });

  it('is bad while there is no answer at all', async () => {
    const { probe, clock, health } = scenario(2);
    let answerAtLast = (): void => undefined;
    probe.look = () =>
      new Promise((resolve) => {
        answerAtLast = resolve;
      });
    const asking = health.execute(NEVER);
    clock.advance(10_000);
    await health.execute(NEVER);
    expect(health.failure).toBeUndefined();
    clock.advance(10_000);
    await health.execute(NEVER);
    expect(health.failure).toBe('it has not answered for 20000 ms');
    answerAtLast();
    await asking;
    expect(health.failure).toBeUndefined();
  });

  it('logs each change once, with the error', async () => {
    const { probe, logger, health } = scenario(2);
    probe.fail('gone');
    for (let check = 0; check < 4; check += 1) await health.execute(NEVER);
    probe.recover();
    await health.execute(NEVER);
    await health.execute(NEVER);
    expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'health check failed'],
      ['error', 'registry is unhealthy: requests are refused'],
      ['info', 'health check succeeds again'],
    ]);
    expect(logger.lines[1]?.fields).toMatchObject({
      check: 'db:5432',
      failures: 2,
      error: new Error('gone'),
    });
  });

  it('learns nothing from a look that the stop of the registry ends', async () => {
    const { probe, logger, health } = scenario(1);
    const stop = new AbortController();
    probe.look = (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('ended')));
      });
    const looking = health.execute(stop.signal);
    stop.abort();
    await looking;
    expect([health.failure, logger.lines]).toEqual([undefined, []]);
  });
});

describe('the health of the registry', () => {
  it('is good when every check says so, and names those that do not', async () => {
    const logger = new RecordingLogger();
    const probes = ['a', '__proto__', 'c'].map((name) => new ManualProbe(name));
    const checks = probes.map((probe) => new CheckHealth(probe, 0, new ManualClock(), logger));
    const health = new OverallHealth(checks);
    expect([health.healthy, health.failing()]).toEqual([true, {}]);
    probes[1]?.fail('gone');
    probes[2]?.fail('away');
    for (const check of checks) await check.execute(NEVER);
    expect(health.healthy).toBe(false);
    expect(Object.entries(health.failing())).toEqual([
      ['__proto__', 'gone'],
      ['c', 'away'],
    ]);
    probes[1]?.recover();
    probes[2]?.recover();
    for (const check of checks) await check.execute(NEVER);
    expect(health.healthy).toBe(true);
  });
});

describe('readiness', () => {
  const failing: Record<string, string> = {};
  const health = { healthy: true, failing: () => failing };
  const comparison = { ended: false };

  it('comes when the start has ended, all is compared and every check succeeds, and goes with the stop', () => {
    const readiness = new Readiness(health, comparison);
    expect(readiness.reasons()).toEqual(['the registry starts']);
    readiness.serve();
    expect(readiness.reasons()).toEqual(['the storage is being compared with the database']);
    comparison.ended = true;
    expect(readiness.reasons()).toEqual([]);
    failing['/down'] = 'the file is there';
    expect(readiness.reasons()).toEqual(['the health check /down fails']);
    delete failing['/down'];
    expect(readiness.reasons()).toEqual([]);
    readiness.stop();
    expect(readiness.reasons()).toEqual(['the registry stops']);
  });
});
