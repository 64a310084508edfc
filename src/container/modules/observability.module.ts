import { ContainerModule } from 'inversify';
import { CheckHealth } from '../../application/use-cases/maintenance/check-health.js';
import type { Config } from '../../infrastructure/config/config.js';
import { AccessLogWriter } from '../../infrastructure/observability/access-log-writer.js';
import { DroppingWriter } from '../../infrastructure/observability/dropping-writer.js';
import { RENDERERS, type LogFormat } from '../../infrastructure/observability/log-format.js';
import { DescriptorSink } from '../../infrastructure/observability/log-sink.js';
import { HttpRequestMetrics } from '../../infrastructure/observability/http-request-metrics.js';
import { LoginMetrics } from '../../infrastructure/observability/login-metrics.js';
import { PrometheusMetrics } from '../../infrastructure/observability/prometheus-metrics.js';
import { StorageMetrics } from '../../infrastructure/observability/storage-metrics.js';
import { WinstonLogger } from '../../infrastructure/observability/winston-logger.js';
import { TOKENS as T } from '../tokens.js';
import type { Bind } from './bind.js';

const STDOUT = 1;
/** How long (ms) the end of the process waits for its last log lines. */
const LAST_LINES = 1_000;

export const observabilityModule = new ContainerModule(({ bind }) => {
  bindLog(bind);
  bindMetrics(bind);
  bind(T.checkHealth).toResolvedValue(
    (driver, config, clock, logger) =>
      new CheckHealth(driver, config.health.storagedriver.threshold, clock, logger),
    [T.storageDriver, T.config, T.clock, T.logger],
  );
  bind(T.healthStatus).toResolvedValue((health) => health, [T.checkHealth]);
});

function bindLog(bind: Bind): void {
  bind(T.logWriter).toResolvedValue(
    (config) =>
      new DroppingWriter(new DescriptorSink(STDOUT), (lines) =>
        RENDERERS[formatOf(config)]({
          time: Date.now(),
          level: 'warn',
          message: 'log lines were dropped, their reader is too slow',
          fields: { lines },
        }),
      ),
    [T.config],
  );
  bind(T.logger).toResolvedValue(
    (config, writer) =>
      WinstonLogger.create(
        { level: config.log.level, format: formatOf(config), fields: config.log.fields },
        writer,
      ),
    [T.config, T.logWriter],
  );
  bind(T.accessLog).toResolvedValue(
    (config, writer) =>
      new AccessLogWriter(!config.log.accesslog.disabled, formatOf(config), config.log.fields, writer),
    [T.config, T.logWriter],
  );
  bind(T.onFatal).toResolvedValue(
    (logger, writer) => (reason: string, cause: unknown) => {
      logger.error(`${reason}; the registry stops`, { error: cause });
      void writer.flush(LAST_LINES).finally(() => process.exit(1));
    },
    [T.logger, T.logWriter],
  );
}

function bindMetrics(bind: Bind): void {
  bind(T.httpMetrics).toResolvedValue(() => new HttpRequestMetrics(), []);
  bind(T.storageMetrics).toResolvedValue(
    (config) => new StorageMetrics(config.storage.driver.kind),
    [T.config],
  );
  bind(T.loginMetrics).toResolvedValue(() => new LoginMetrics(), []);
  bind(T.metricsExposition).toResolvedValue(
    (http, storage, logins, writer) => new PrometheusMetrics([http, storage, logins], writer),
    [T.httpMetrics, T.storageMetrics, T.loginMetrics, T.logWriter],
  );
}

/** Text for people, JSON for programs, unless the configuration says otherwise. */
function formatOf({ log }: Config): LogFormat {
  return log.formatter ?? (process.stdout.isTTY ? 'text' : 'json');
}
