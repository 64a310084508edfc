import { ContainerModule } from 'inversify';
import { SqliteStateCounts } from '../../infrastructure/metadata/sqlite/sqlite-state-counts.js';
import { CacheMetrics } from '../../infrastructure/observability/cache-metrics.js';
import { CollectionCounts } from '../../infrastructure/observability/collection-counts.js';
import { DatabaseMetrics } from '../../infrastructure/observability/database-metrics.js';
import { HttpRequestMetrics } from '../../infrastructure/observability/http-request-metrics.js';
import { LoginMetrics } from '../../infrastructure/observability/login-metrics.js';
import { NotificationState } from '../../infrastructure/observability/notification-state.js';
import { PrometheusMetrics } from '../../infrastructure/observability/prometheus-metrics.js';
import { StateMetrics } from '../../infrastructure/observability/state-metrics.js';
import { StorageMetrics } from '../../infrastructure/observability/storage-metrics.js';
import { ConnectionCounts } from '../../interfaces/http/connection-counts.js';
import { TOKENS as T } from '../tokens.js';
import type { Bind } from './bind.js';

/** What is counted, and who shows it. */
export const metricsModule = new ContainerModule(({ bind }) => {
  bind(T.httpMetrics).toResolvedValue(() => new HttpRequestMetrics(), []);
  bind(T.connectionCounts).toResolvedValue(() => new ConnectionCounts(), []);
  bind(T.storageMetrics).toResolvedValue(
    (config) => new StorageMetrics(config.storage.driver.kind),
    [T.config],
  );
  bind(T.collectionCounts).toResolvedValue((clock) => new CollectionCounts(clock), [T.clock]);
  bind(T.databaseMetrics).toResolvedValue(
    ({ transactions }, { counts }) => new DatabaseMetrics(transactions, counts),
    [T.database, T.durabilityBarrier],
  );
  bind(T.cacheMetrics).toResolvedValue(
    (manifests, blobs) => new CacheMetrics(manifests, blobs),
    [T.manifestContents, T.recentBlobs],
  );
  bind(T.stateMetrics).toResolvedValue(
    (version, database, leases, names, health, readiness, connections) =>
      new StateMetrics({
        version,
        database: new SqliteStateCounts(database),
        leases,
        names,
        health,
        readiness,
        connections,
      }),
    [T.version, T.database, T.uploadLeases, T.namePublisher, T.healthStatus, T.readiness, T.connectionCounts],
  );
  bind(T.loginMetrics).toResolvedValue(() => new LoginMetrics(), []);
  bindExposition(bind);
});

function bindExposition(bind: Bind): void {
  bind(T.metricsExposition).toResolvedValue((metrics) => metrics, [T.prometheusMetrics]);
  bind(T.prometheusMetrics).toResolvedValue(
    (http, storage, logins, database, caches, collection, state, notifications, outbox, clock, writer) => {
      const told = [notifications, new NotificationState(outbox, clock)];
      return new PrometheusMetrics(
        [http, storage, logins, database, caches, collection, state, ...told],
        writer,
      );
    },
    [
      T.httpMetrics,
      T.storageMetrics,
      T.loginMetrics,
      T.databaseMetrics,
      T.cacheMetrics,
      T.collectionCounts,
      T.stateMetrics,
      T.notificationCounts,
      T.outbox,
      T.clock,
      T.logWriter,
    ],
  );
}
