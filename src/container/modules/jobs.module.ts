import { ContainerModule } from 'inversify';
import type { Instances } from '../../application/ports/system/instances.js';
import type { ReadOnlyMode } from '../../application/services/read-only-mode.js';
import type { ReplayNames } from '../../application/use-cases/maintenance/replay-names.js';
import { LONGEST_TIMER } from '../../infrastructure/config/formats.js';
import { alone, ScheduledJobs, type Job } from '../../interfaces/jobs/scheduled-jobs.js';
import { Leadership } from '../leadership.js';
import type { ConfigInForce } from '../config-in-force.js';
import { TOKENS as T } from '../tokens.js';
import type { Bind } from './bind.js';

const ONE_SECOND = 1_000;
const TEN_SECONDS = 10_000;
const TEN_MINUTES = 600_000;
const ONE_DAY = 86_400_000;

const FIVE_MINUTES = 300_000;

/** What runs by itself, and when. */
export const jobsModule = new ContainerModule(({ bind }) => {
  bindTidying(bind);
  bindLinks(bind);
  bindCollection(bind);
  bind(T.leadership).toResolvedValue(() => new Leadership(true), []);
  bind(T.leaderJobs).toResolvedValue(
    (tidying, collection, replay, instances) => [
      ...tidying,
      ...collection,
      alone('take over link files', TEN_SECONDS, () => takeOver(replay, instances)),
    ],
    [T.tidyingJobs, T.collectionJobs, T.replayNames, T.instances],
  );
  bind(T.listJobs).toResolvedValue(
    (ofLeader, links, notifications, health, certificates, { readOnly }, leadership) => {
      const writing = [...links, ...notifications];
      return () => [
        ...(readOnly === undefined && leadership.leads ? ofLeader : []),
        ...(readOnly === undefined ? writing : []),
        ...health.jobs,
        ...certificates,
      ];
    },
    [
      T.leaderJobs,
      T.linkJobs,
      T.notificationJobs,
      T.healthWatch,
      T.certificateJobs,
      T.treeAccess,
      T.leadership,
    ],
  );
  bind(T.jobs).toResolvedValue(
    (list, clock, logger) => new ScheduledJobs(list(), clock, logger),
    [T.listJobs, T.clock, T.logger],
  );
});

function bindTidying(bind: Bind): void {
  bind(T.tidyingJobs).toResolvedValue(
    (uploads, purge, driver, clock, inForce, mode) => {
      const removeLeftovers = async (): Promise<void> => {
        // In a bucket uploads of the reference registry are among them, which may go on when it serves again.
        const { age } = inForce.current.storage.maintenance.uploadpurging;
        await driver.removeLeftovers(clock.now() - Math.max(ONE_DAY, age));
      };
      return [
        alone(
          'forget settled uploads',
          TEN_MINUTES,
          unlessReadOnly(mode, (stop) => uploads.execute(stop)),
        ),
        alone('remove leftovers', TEN_MINUTES, unlessReadOnly(mode, removeLeftovers)),
        purging(
          inForce,
          unlessReadOnly(mode, (stop) => purge.execute(stop)),
        ),
      ];
    },
    [T.forgetSettledUploads, T.purgeUploads, T.storageDriver, T.clock, T.configInForce, T.readOnlyMode],
  );
}

/** Soon after the start, so that a registry which is restarted every day purges too. */
function purging(inForce: ConfigInForce, run: Job['run']): Job {
  return {
    name: 'purge uploads',
    overlapping: false,
    get interval() {
      const { enabled, interval } = inForce.current.storage.maintenance.uploadpurging;
      return enabled ? Math.min(interval, LONGEST_TIMER.milliseconds) : undefined;
    },
    get first() {
      return Math.min(this.interval ?? FIVE_MINUTES, FIVE_MINUTES);
    },
    run,
  };
}

/** While no client may change anything, whatever the reason, nothing is removed behind their backs either. */
function unlessReadOnly(mode: ReadOnlyMode, run: Job['run']): Job['run'] {
  return async (stop) => (mode.reason === undefined ? run(stop) : undefined);
}

function bindCollection(bind: Bind): void {
  bind(T.collectionJobs).toResolvedValue(
    (collection, inForce): readonly Job[] => [
      {
        name: 'collect garbage',
        overlapping: false,
        get interval() {
          const { enabled, interval } = inForce.current.gc;
          return enabled ? interval : undefined;
        },
        run: (stop) => collection.run(stop),
      },
    ],
    [T.collectionJob, T.configInForce],
  );
}

function bindLinks(bind: Bind): void {
  bind(T.linkJobs).toResolvedValue(
    (names, ownership) => [
      alone('flush link files', ONE_SECOND, () => names.flush()),
      alone('tell the tree', ONE_SECOND, () => ownership.tell()),
    ],
    [T.namePublisher, T.treeOwnership],
  );
}

/** A process that shared the folder and was killed has left links to be written. */
async function takeOver(replay: ReplayNames, instances: Instances): Promise<void> {
  if (instances.deadOnes().length > 0) await replay.execute();
}
