import { ContainerModule } from 'inversify';
import { ScheduledJobs, type Job } from '../../interfaces/jobs/scheduled-jobs.js';
import { TOKENS as T } from '../tokens.js';

const ONE_SECOND = 1_000;
const TEN_MINUTES = 600_000;

/** What runs by itself, and when. */
export const jobsModule = new ContainerModule(({ bind }) => {
  bind(T.jobs).toResolvedValue(
    (forgetUploads, names, ownership, health, { readOnly }, config, clock, logger) => {
      const { enabled, interval } = config.health.storagedriver;
      const writing: Job[] = [
        {
          name: 'forget settled uploads',
          interval: TEN_MINUTES,
          overlapping: false,
          run: () => forgetUploads.execute(),
        },
        { name: 'flush link files', interval: ONE_SECOND, overlapping: false, run: () => names.flush() },
        { name: 'tell the tree', interval: ONE_SECOND, overlapping: false, run: () => ownership.tell() },
      ];
      const jobs = readOnly === undefined ? writing : [];
      // A probe that hangs is a finding too: the next one tells.
      if (enabled) {
        jobs.push({ name: 'check health', interval, overlapping: true, run: () => health.execute() });
      }
      return new ScheduledJobs(jobs, clock, logger);
    },
    [
      T.forgetSettledUploads,
      T.namePublisher,
      T.treeOwnership,
      T.checkHealth,
      T.treeAccess,
      T.config,
      T.clock,
      T.logger,
    ],
  );
});
