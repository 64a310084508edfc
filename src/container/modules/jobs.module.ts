import { ContainerModule } from 'inversify';
import type { Instances } from '../../application/ports/system/instances.js';
import type { ReplayNames } from '../../application/use-cases/maintenance/replay-names.js';
import { ScheduledJobs, type Job } from '../../interfaces/jobs/scheduled-jobs.js';
import { TOKENS as T } from '../tokens.js';
import type { Bind } from './bind.js';

const ONE_SECOND = 1_000;
const TEN_SECONDS = 10_000;
const TEN_MINUTES = 600_000;
const ONE_DAY = 86_400_000;

const alone = (name: string, interval: number, run: () => Promise<unknown>): Job => ({
  name,
  interval,
  overlapping: false,
  run,
});

/** What runs by itself, and when. */
export const jobsModule = new ContainerModule(({ bind }) => {
  bindTidying(bind);
  bindLinks(bind);
  bind(T.healthJobs).toResolvedValue(
    (health, config) => {
      const { enabled, interval } = config.health.storagedriver;
      // A probe that hangs is a finding too: the next one tells.
      const check: Job = { name: 'check health', interval, overlapping: true, run: () => health.execute() };
      return enabled ? [check] : [];
    },
    [T.checkHealth, T.config],
  );
  bind(T.jobs).toResolvedValue(
    (tidying, links, health, { readOnly }, clock, logger) => {
      const writing = readOnly === undefined ? [...tidying, ...links] : [];
      return new ScheduledJobs([...writing, ...health], clock, logger);
    },
    [T.tidyingJobs, T.linkJobs, T.healthJobs, T.treeAccess, T.clock, T.logger],
  );
});

function bindTidying(bind: Bind): void {
  bind(T.tidyingJobs).toResolvedValue(
    (uploads, driver, clock) => [
      alone('forget settled uploads', TEN_MINUTES, () => uploads.execute()),
      alone('remove leftovers', TEN_MINUTES, () => driver.removeLeftovers(clock.now() - ONE_DAY)),
    ],
    [T.forgetSettledUploads, T.storageDriver, T.clock],
  );
}

function bindLinks(bind: Bind): void {
  bind(T.linkJobs).toResolvedValue(
    (names, replay, instances, ownership) => [
      alone('flush link files', ONE_SECOND, () => names.flush()),
      alone('take over link files', TEN_SECONDS, () => takeOver(replay, instances)),
      alone('tell the tree', ONE_SECOND, () => ownership.tell()),
    ],
    [T.namePublisher, T.replayNames, T.instances, T.treeOwnership],
  );
}

/** A process that shared the folder and was killed has left links to be written. */
async function takeOver(replay: ReplayNames, instances: Instances): Promise<void> {
  if (instances.deadOnes().length > 0) await replay.execute();
}
