import { ContainerModule } from 'inversify';
import type { StorageDriver } from '../../application/ports/storage/storage-driver.js';
import type { HealthProbe } from '../../application/ports/system/health-probe.js';
import { Readiness } from '../../application/services/readiness.js';
import { CheckHealth } from '../../application/use-cases/maintenance/check-health.js';
import { nameOfCheck } from '../../infrastructure/config/check-health.js';
import type { Config } from '../../infrastructure/config/config.js';
import { FileProbe } from '../../infrastructure/health/file-probe.js';
import { HttpProbe } from '../../infrastructure/health/http-probe.js';
import { TcpProbe } from '../../infrastructure/health/tcp-probe.js';
import { HealthWatch, type WatchedHealth, type When } from '../health-watch.js';
import { TOKENS as T } from '../tokens.js';

/** One mechanism for whatever is looked at. */
export const healthModule = new ContainerModule(({ bind }) => {
  bind(T.healthWatch).toResolvedValue(
    ({ health }, driver, clock, logger) => {
      const checkOf = ({ probe, threshold, interval, overlapping }: Looked): WatchedHealth => {
        return { interval, overlapping, check: new CheckHealth(probe, threshold, clock, logger) };
      };
      return new HealthWatch(health, (config) => looksOf(config, driver).map(checkOf));
    },
    [T.config, T.storageDriver, T.clock, T.logger],
  );
  bind(T.healthStatus).toResolvedValue(({ status }) => status, [T.healthWatch]);
  bind(T.readiness).toResolvedValue(
    (health, comparison) => new Readiness(health, comparison),
    [T.healthStatus, T.treeComparison],
  );
});

interface Looked extends When {
  readonly probe: HealthProbe;
  readonly threshold: number;
}

function looksOf({ storagedriver, file, http, tcp }: Config['health'], driver: StorageDriver): Looked[] {
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
