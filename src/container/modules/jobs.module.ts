import { ContainerModule } from 'inversify';
import type { Instances } from '../../application/ports/system/instances.js';
import type { ReplayNames } from '../../application/use-cases/maintenance/replay-names.js';
import { ScheduledJobs, type Job } from '../../interfaces/jobs/scheduled-jobs.js';
import { TOKENS as T } from '../tokens.js';

const ONE_SECOND = 1_000;
const TEN_SECONDS = 10_000;
const TEN_MINUTES = 600_000;

/** What runs by itself, and when. */
export const jobsModule = new ContainerModule(({ bind }) => {
  bind(T.jobs).toResolvedValue(
    (forgetUploads, names, replay, instances, ownership, health, { readOnly }, config, clock, logger) => {
      const { enabled, interval } = config.health.storagedriver;
      const writing: Job[] = [
        {
          name: 'forget settled uploads',
          interval: TEN_MINUTES,
          overlapping: false,
          run: () => forgetUploads.execute(),
        },
        { name: 'flush link files', interval: ONE_SECOND, overlapping: false, run: () => names.flush() },
        {
          name: 'take over link files',
          interval: TEN_SECONDS,
          overlapping: false,
          run: () => takeOver(replay, instances),
        },
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
      T.replayNames,
      T.instances,
      T.treeOwnership,
      T.checkHealth,
      T.treeAccess,
      T.config,
      T.clock,
      T.logger,
    ],
  );
});

/** A process that shared the folder and was killed has left links to be written. */
async function takeOver(replay: ReplayNames, instances: Instances): Promise<void> {
  if (instances.deadOnes().length > 0) await replay.execute();
}
