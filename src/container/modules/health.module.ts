import { ContainerModule } from 'inversify';
import type { StorageDriver } from '../../application/ports/storage/storage-driver.js';
import type { HealthProbe } from '../../application/ports/system/health-probe.js';
import { OverallHealth } from '../../application/services/overall-health.js';
import { Readiness } from '../../application/services/readiness.js';
import { CheckHealth } from '../../application/use-cases/maintenance/check-health.js';
import { nameOfCheck } from '../../infrastructure/config/check-health.js';
import type { Config } from '../../infrastructure/config/config.js';
import { FileProbe } from '../../infrastructure/health/file-probe.js';
import { HttpProbe } from '../../infrastructure/health/http-probe.js';
import { TcpProbe } from '../../infrastructure/health/tcp-probe.js';
import type { Job } from '../../interfaces/jobs/scheduled-jobs.js';
import { TOKENS as T } from '../tokens.js';
import type { When } from '../watched-health.js';

/** The first look comes at once (ms): a registry that can not serve should not be believed to for a whole interval. */
const AT_ONCE = 1;

/** One mechanism for whatever is looked at. */
export const healthModule = new ContainerModule(({ bind }) => {
  bind(T.watchedHealth).toResolvedValue(
    (config, driver, clock, logger) =>
      watchedBy(config.health, driver).map(({ probe, threshold, interval, overlapping }) => ({
        interval,
        overlapping,
        check: new CheckHealth(probe, threshold, clock, logger),
      })),
    [T.config, T.storageDriver, T.clock, T.logger],
  );
  bind(T.healthStatus).toResolvedValue(
    (watched) => new OverallHealth(watched.map(({ check }) => check)),
    [T.watchedHealth],
  );
  bind(T.readiness).toResolvedValue(
    (health, comparison) => new Readiness(health, comparison),
    [T.healthStatus, T.treeComparison],
  );
  bind(T.healthJobs).toResolvedValue(
    (watched) =>
      watched.map(({ check, interval, overlapping }): Job => {
        return {
          name: 'check health',
          interval,
          first: AT_ONCE,
          overlapping,
          run: (stop) => check.execute(stop),
        };
      }),
    [T.watchedHealth],
  );
});

function watchedBy(
  { storagedriver, file, http, tcp }: Config['health'],
  driver: StorageDriver,
): (When & { readonly probe: HealthProbe; readonly threshold: number })[] {
  const storage = { name: `storagedriver_${driver.name}`, look: () => driver.probe() };
  return [
    ...(storagedriver.enabled ? [{ ...storagedriver, probe: storage, overlapping: true }] : []),
    ...file.map((each) => {
      return { ...each, probe: new FileProbe(nameOfCheck.file(each), each.file), overlapping: true };
    }),
    ...http.map((each) => {
      return { ...each, probe: new HttpProbe(nameOfCheck.http(each), each), overlapping: false };
    }),
    ...tcp.map((each) => {
      const probe = new TcpProbe(nameOfCheck.tcp(each), each.addr, each.timeout);
      return { ...each, probe, overlapping: false };
    }),
  ];
}
