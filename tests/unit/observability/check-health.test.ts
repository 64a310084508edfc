import { describe, expect, it } from 'vitest';
import type { StorageDriver } from '../../../src/application/ports/storage/storage-driver.js';
import { StorageFault } from '../../../src/application/ports/storage/storage-fault.js';
import { CheckHealth } from '../../../src/application/use-cases/maintenance/check-health.js';
import { MemoryDriver } from '../../../src/infrastructure/storage/drivers/memory/memory-driver.js';
import { ManualClock } from '../../support/fakes.js';
import { RecordingLogger } from './recording-logger.js';

/** Storage whose answer to a probe a test decides. */
class FailingDriver extends MemoryDriver implements StorageDriver {
  answer: () => Promise<void> = () => Promise.resolve();

  override probe(): Promise<void> {
    return this.answer();
  }

  fail(message: string): void {
    this.answer = () => Promise.reject(new StorageFault('broken', message));
  }

  recover(): void {
    this.answer = () => Promise.resolve();
  }
}

function scenario(threshold: number): {
  driver: FailingDriver;
  clock: ManualClock;
  logger: RecordingLogger;
  health: CheckHealth;
} {
  const driver = new FailingDriver();
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  return { driver, clock, logger, health: new CheckHealth(driver, threshold, clock, logger) };
}

describe('the health of the storage', () => {
  it('is good before the first check', () => {
    const { driver, health } = scenario(1);
    driver.fail('gone');
    expect([health.healthy, health.failing()]).toEqual([true, {}]);
  });

  it('is bad once as many checks in a row have failed as the threshold says', async () => {
    const { driver, health } = scenario(3);
    driver.fail('disk on fire');
    const verdicts: boolean[] = [];
    for (let check = 0; check < 3; check += 1) {
      await health.execute();
      verdicts.push(health.healthy);
    }
    expect(verdicts).toEqual([true, true, false]);
    expect(health.failing()).toEqual({ storagedriver_inmemory: 'disk on fire' });
  });

  it.each([0, 1])('is bad after the first failure with a threshold of %i', async (threshold) => {
    const { driver, health } = scenario(threshold);
    driver.fail('gone');
    await health.execute();
    expect(health.healthy).toBe(false);
  });

  it('counts from the beginning after a check that succeeded', async () => {
    const { driver, health } = scenario(2);
    driver.fail('gone');
    await health.execute();
    driver.recover();
    await health.execute();
    driver.fail('gone');
    await health.execute();
    expect(health.healthy).toBe(true);
    await health.execute();
    expect(health.healthy).toBe(false);
  });

  it('is good again after the first check that succeeds', async () => {
    const { driver, health } = scenario(1);
    driver.fail('gone');
    await health.execute();
    driver.recover();
    await health.execute();
    expect([health.healthy, health.failing()]).toEqual([true, {}]);
  });

  it('tells the latest failure', async () => {
    const { driver, health } = scenario(1);
    driver.fail('first');
    await health.execute();
    driver.fail('second');
    await health.execute();
    expect(health.failing()).toEqual({ storagedriver_inmemory: 'second' });
  });

  it('is bad while the storage does not answer at all', async () => {
    const { driver, clock, health } = scenario(2);
    let answerAtLast = (): void => undefined;
    driver.answer = () =>
      new Promise((resolve) => {
        answerAtLast = resolve;
      });
    const asking = health.execute();
    clock.advance(10_000);
    await health.execute();
    expect(health.healthy).toBe(true);
    clock.advance(10_000);
    await health.execute();
    expect(health.failing()).toEqual({
      storagedriver_inmemory: 'the storage has not answered for 20000 ms',
    });
    answerAtLast();
    await asking;
    expect(health.healthy).toBe(true);
  });

  it('logs each change once, with the error', async () => {
    const { driver, logger, health } = scenario(2);
    driver.fail('gone');
    for (let check = 0; check < 4; check += 1) await health.execute();
    driver.recover();
    await health.execute();
    await health.execute();
    expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'storage check failed'],
      ['error', 'storage is unhealthy'],
      ['info', 'storage is healthy again'],
    ]);
    expect(logger.lines[1]?.fields['error']).toBeInstanceOf(StorageFault);
  });
});
