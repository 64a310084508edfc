import type { AccessLog } from '../application/ports/system/access-log.js';
import type { HealthStatus } from '../application/ports/system/health-status.js';
import type { Logger } from '../application/ports/system/logger.js';
import type { MetricsExposition } from '../application/ports/system/metrics-exposition.js';
import type { Readiness } from '../application/services/readiness.js';
import type { AccessLogWriter } from '../infrastructure/observability/access-log-writer.js';
import type { CacheMetrics } from '../infrastructure/observability/cache-metrics.js';
import type { CollectionCounts } from '../infrastructure/observability/collection-counts.js';
import type { DatabaseMetrics } from '../infrastructure/observability/database-metrics.js';
import type { LogSink } from '../infrastructure/observability/log-sink.js';
import type { DroppingWriter } from '../infrastructure/observability/dropping-writer.js';
import type { HttpRequestMetrics } from '../infrastructure/observability/http-request-metrics.js';
import type { PrometheusMetrics } from '../infrastructure/observability/prometheus-metrics.js';
import type { StateMetrics } from '../infrastructure/observability/state-metrics.js';
import type { StorageMetrics } from '../infrastructure/observability/storage-metrics.js';
import type { WinstonLogger } from '../infrastructure/observability/winston-logger.js';
import type { ConnectionCounts } from '../interfaces/http/connection-counts.js';
import type { HealthWatch } from './health-watch.js';
import { token } from './token.js';

/** Logs, metrics, health. */
export const OBSERVABILITY_TOKENS = {
  /** Where the writer writes to. */
  logSink: token<LogSink>('LogSink'),
  logWriter: token<DroppingWriter>('DroppingWriter'),
  logger: token<Logger>('Logger'),
  winstonLogger: token<WinstonLogger>('WinstonLogger'),
  accessLog: token<AccessLog>('AccessLog'),
  accessLogWriter: token<AccessLogWriter>('AccessLogWriter'),
  httpMetrics: token<HttpRequestMetrics>('HttpMetrics'),
  storageMetrics: token<StorageMetrics>('StorageMetrics'),
  connectionCounts: token<ConnectionCounts>('ConnectionCounts'),
  collectionCounts: token<CollectionCounts>('CollectionCounts'),
  cacheMetrics: token<CacheMetrics>('CacheMetrics'),
  databaseMetrics: token<DatabaseMetrics>('DatabaseMetrics'),
  stateMetrics: token<StateMetrics>('StateMetrics'),
  prometheusMetrics: token<PrometheusMetrics>('PrometheusMetrics'),
  metricsExposition: token<MetricsExposition>('MetricsExposition'),
  healthWatch: token<HealthWatch>('HealthWatch'),
  healthStatus: token<HealthStatus>('HealthStatus'),
  readiness: token<Readiness>('Readiness'),
} as const;
