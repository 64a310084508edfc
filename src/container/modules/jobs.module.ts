import { ContainerModule } from 'inversify';
import type { Instances } from '../../application/ports/system/instances.js';
import type { ReadOnlyMode } from '../../application/services/read-only-mode.js';
import type { PurgeUploads } from '../../application/use-cases/maintenance/purge-uploads.js';
import type { ReplayNames } from '../../application/use-cases/maintenance/replay-names.js';
import { ScheduledJobs, type Job } from '../../interfaces/jobs/scheduled-jobs.js';
import { TOKENS as T } from '../tokens.js';
import type { Bind } from './bind.js';

const ONE_SECOND = 1_000;
const TEN_SECONDS = 10_000;
const TEN_MINUTES = 600_000;
const ONE_DAY = 86_400_000;

const FIVE_MINUTES = 300_000;
/** What a timer of Node can wait at most (ms): 24.8 days. */
const LONGEST_TIMER = 2_147_483_647;

const alone = (name: string, interval: number, run: Job['run']): Job => ({
  name,
  interval,
  overlapping: false,
  run,
});

/** What runs by itself, and when. */
export const jobsModule = new ContainerModule(({ bind }) => {
  bindTidying(bind);
  bindLinks(bind);
  bindCollection(bind);
  bind(T.jobs).toResolvedValue(
    (tidying, links, collection, notifications, health, certificates, { readOnly }, clock, logger) => {
      const writing = readOnly === undefined ? [...tidying, ...links, ...collection, ...notifications] : [];
      return new ScheduledJobs([...writing, ...health, ...certificates], clock, logger);
    },
    [
      T.tidyingJobs,
      T.linkJobs,
      T.collectionJobs,
      T.notificationJobs,
      T.healthJobs,
      T.certificateJobs,
      T.treeAccess,
      T.clock,
      T.logger,
    ],
  );
});

function bindTidying(bind: Bind): void {
  bind(T.tidyingJobs).toResolvedValue(
    (uploads, purge, driver, clock, config, mode) => {
      const { uploadpurging } = config.storage.maintenance;
      // In a bucket uploads of the reference registry are among them, which may go on when it serves again.
      const leftoverAge = Math.max(ONE_DAY, uploadpurging.age);
      const tidying = [
        alone('forget settled uploads', TEN_MINUTES, (stop) => uploads.execute(stop)),
        alone('remove leftovers', TEN_MINUTES, () => driver.removeLeftovers(clock.now() - leftoverAge)),
      ];
      if (uploadpurging.enabled) tidying.push(purging(uploadpurging.interval, purge));
      return tidying.map((job) => unlessReadOnly(mode, job));
    },
    [T.forgetSettledUploads, T.purgeUploads, T.storageDriver, T.clock, T.config, T.readOnlyMode],
  );
}

/** Soon after the start, so that a registry which is restarted every day purges too. */
function purging(interval: number, purge: PurgeUploads): Job {
  const often = Math.min(interval, LONGEST_TIMER);
  const job = alone('purge uploads', often, (stop) => purge.execute(stop));
  return { ...job, first: Math.min(often, FIVE_MINUTES) };
}

/** While no client may change anything, whatever the reason, nothing is removed behind their backs either. */
function unlessReadOnly(mode: ReadOnlyMode, job: Job): Job {
  return { ...job, run: async (stop) => (mode.reason === undefined ? job.run(stop) : undefined) };
}

function bindCollection(bind: Bind): void {
  bind(T.collectionJobs).toResolvedValue(
    (collection, { gc }) =>
      gc.enabled ? [alone('collect garbage', gc.interval, (stop) => collection.run(stop))] : [],
    [T.collectionJob, T.config],
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
