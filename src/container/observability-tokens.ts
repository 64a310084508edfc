import type { AccessLog } from '../application/ports/system/access-log.js';
import type { HealthStatus } from '../application/ports/system/health-status.js';
import type { Logger } from '../application/ports/system/logger.js';
import type { MetricsExposition } from '../application/ports/system/metrics-exposition.js';
import type { Readiness } from '../application/services/readiness.js';
import type { CollectionCounts } from '../infrastructure/observability/collection-counts.js';
import type { DatabaseMetrics } from '../infrastructure/observability/database-metrics.js';
import type { DroppingWriter } from '../infrastructure/observability/dropping-writer.js';
import type { HttpRequestMetrics } from '../infrastructure/observability/http-request-metrics.js';
import type { StateMetrics } from '../infrastructure/observability/state-metrics.js';
import type { StorageMetrics } from '../infrastructure/observability/storage-metrics.js';
import type { ConnectionCounts } from '../interfaces/http/connection-counts.js';
import type { Job } from '../interfaces/jobs/scheduled-jobs.js';
import { token } from './token.js';
import type { WatchedHealth } from './watched-health.js';

/** Logs, metrics, health. */
export const OBSERVABILITY_TOKENS = {
  logWriter: token<DroppingWriter>('DroppingWriter'),
  logger: token<Logger>('Logger'),
  accessLog: token<AccessLog>('AccessLog'),
  httpMetrics: token<HttpRequestMetrics>('HttpMetrics'),
  storageMetrics: token<StorageMetrics>('StorageMetrics'),
  connectionCounts: token<ConnectionCounts>('ConnectionCounts'),
  collectionCounts: token<CollectionCounts>('CollectionCounts'),
  databaseMetrics: token<DatabaseMetrics>('DatabaseMetrics'),
  stateMetrics: token<StateMetrics>('StateMetrics'),
  metricsExposition: token<MetricsExposition>('MetricsExposition'),
  watchedHealth: token<readonly WatchedHealth[]>('WatchedHealth'),
  healthStatus: token<HealthStatus>('HealthStatus'),
  readiness: token<Readiness>('Readiness'),
  healthJobs: token<readonly Job[]>('HealthJobs'),
} as const;
