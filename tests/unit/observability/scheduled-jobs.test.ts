import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ScheduledJobs, type Job } from '../../../src/interfaces/jobs/scheduled-jobs.js';
import { ManualClock } from '../../support/fakes.js';
import { RecordingLogger } from './recording-logger.js';

/** A job whose runs end when a test says so. */
class ManualJob implements Job {
  readonly name = 'tidy';
  readonly interval = 1000;
  readonly overlapping: boolean;
  started = 0;
  readonly #ends: ((error?: Error) => void)[] = [];

  constructor(overlapping = false) {
    this.overlapping = overlapping;
  }

  run(): Promise<void> {
    this.started += 1;
    return new Promise((resolve, reject) => {
      this.#ends.push((error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  /** Ends the oldest run. */
  async end(error?: Error): Promise<void> {
    this.#ends.shift()?.(error);
    await setImmediate();
  }
}

function scenario(job: Job): { clock: ManualClock; logger: RecordingLogger; jobs: ScheduledJobs } {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const jobs = new ScheduledJobs([job], clock, logger);
  jobs.start();
  return { clock, logger, jobs };
}

describe('scheduled jobs', () => {
  it('run first after one interval, then after each', async () => {
    const job = new ManualJob();
    const { clock } = scenario(job);
    clock.advance(999);
    expect(job.started).toBe(0);
    clock.advance(1);
    expect(job.started).toBe(1);
    await job.end();
    clock.advance(1000);
    expect(job.started).toBe(2);
  });

  it('run first when they say so, then after each interval', async () => {
    const job = new ManualJob();
    const { clock, jobs } = scenario(Object.assign(job, { first: 10 }));
    clock.advance(9);
    expect(job.started).toBe(0);
    clock.advance(1);
    expect(job.started).toBe(1);
    await job.end();
    clock.advance(999);
    expect(job.started).toBe(1);
    clock.advance(1);
    expect(job.started).toBe(2);
    await job.end();
    await jobs.stop();
    clock.advance(5000);
    expect(job.started).toBe(2);
  });

  it('do not run at all when they are stopped before their first run', async () => {
    const job = new ManualJob();
    const { clock, jobs } = scenario(Object.assign(job, { first: 10 }));
    await jobs.stop();
    clock.advance(5000);
    expect(job.started).toBe(0);
  });

  describe('that are renewed', () => {
    it('keep their times when nothing has changed for them', () => {
      const [job, gone, added] = [new ManualJob(), new ManualJob(), new ManualJob()];
      const clock = new ManualClock();
      const jobs = new ScheduledJobs([job, gone], clock, new RecordingLogger());
      jobs.start();
      clock.advance(900);
      jobs.renew([job, added]);
      clock.advance(100);
      expect([job.started, gone.started, added.started]).toEqual([1, 0, 0]);
      clock.advance(900);
      expect(added.started).toBe(1);
    });

    it('run by their new interval, and not at all without one', () => {
      let interval: number | undefined = 1000;
      const job: Job & { started: number } = {
        name: 'live',
        overlapping: true,
        started: 0,
        get interval() {
          return interval;
        },
        run() {
          this.started += 1;
          return Promise.resolve();
        },
      };
      const { clock, jobs } = scenario(job);
      clock.advance(1000);
      for (const next of [100, undefined, 10]) {
        interval = next;
        jobs.renew([job]);
        job.started = 0;
        clock.advance(100);
        expect(job.started).toBe(next === undefined ? 0 : 100 / next);
      }
    });

    it('never run beside their own run that goes on', async () => {
      const job = new ManualJob();
      const { clock, jobs } = scenario(job);
      clock.advance(1000);
      jobs.renew([]);
      jobs.renew([job]);
      clock.advance(1000);
      expect(job.started).toBe(1);
      await job.end();
      clock.advance(1000);
      expect(job.started).toBe(2);
    });

    it('do not begin again after a stop', async () => {
      const job = new ManualJob();
      const { clock, jobs } = scenario(job);
      await jobs.stop();
      jobs.renew([job, new ManualJob()]);
      clock.advance(5000);
      expect(job.started).toBe(0);
    });
  });

  it('are told of a stop, so that a long run can end early', async () => {
    const clock = new ManualClock();
    const run = (stop: AbortSignal) =>
      new Promise<void>((resolve) => {
        stop.addEventListener('abort', () => resolve());
      });
    const job: Job = { name: 'long', interval: 1000, overlapping: false, run };
    const jobs = new ScheduledJobs([job], clock, new RecordingLogger());
    jobs.start();
    clock.advance(1000);
    await jobs.stop();
  });

  it('leave out a run while the one before goes on', async () => {
    const job = new ManualJob();
    const { clock } = scenario(job);
    clock.advance(3000);
    expect(job.started).toBe(1);
    await job.end();
    clock.advance(1000);
    expect(job.started).toBe(2);
  });

  it('run beside the one before when they may overlap', () => {
    const job = new ManualJob(true);
    const { clock } = scenario(job);
    clock.advance(3000);
    expect(job.started).toBe(3);
  });

  it('log a run that fails, and go on', async () => {
    const job = new ManualJob();
    const { clock, logger } = scenario(job);
    clock.advance(1000);
    const error = new Error('no');
    await job.end(error);
    expect(logger.lines).toEqual([{ level: 'error', message: 'job failed', fields: { job: 'tidy', error } }]);
    clock.advance(1000);
    expect(job.started).toBe(2);
  });

  it('start no run after a stop, which waits for the run that goes on', async () => {
    const job = new ManualJob();
    const { clock, jobs } = scenario(job);
    clock.advance(1000);
    let stopped = false;
    const stopping = jobs.stop().then(() => (stopped = true));
    clock.advance(5000);
    await setImmediate();
    expect([job.started, stopped]).toEqual([1, false]);
    await job.end();
    await stopping;
    expect(stopped).toBe(true);
  });

  it('stop without waiting for a run that may overlap', async () => {
    const job = new ManualJob(true);
    const { clock, jobs } = scenario(job);
    clock.advance(1000);
    await jobs.stop();
    expect(job.started).toBe(1);
  });
});
