import { ContainerModule } from 'inversify';
import type { Config } from '../../infrastructure/config/config.js';
import { AccessLogWriter } from '../../infrastructure/observability/access-log-writer.js';
import { DroppingWriter } from '../../infrastructure/observability/dropping-writer.js';
import { RENDERERS, type LogFormat } from '../../infrastructure/observability/log-format.js';
import { DescriptorSink } from '../../infrastructure/observability/log-sink.js';
import { WinstonLogger } from '../../infrastructure/observability/winston-logger.js';
import { onFatal } from '../on-fatal.js';
import { TOKENS as T } from '../tokens.js';

const STDOUT = 1;

/** What is written, and where to. */
export const observabilityModule = new ContainerModule(({ bind }) => {
  bind(T.logSink).toResolvedValue(() => new DescriptorSink(STDOUT), []);
  bind(T.logWriter).toResolvedValue(
    (config, sink) =>
      new DroppingWriter(sink, (lines) =>
        RENDERERS[formatOf(config)]({
          time: Date.now(),
          level: 'warn',
          message: 'log lines were dropped, their reader is too slow',
          fields: { lines },
        }),
      ),
    [T.config, T.logSink],
  );
  bind(T.winstonLogger).toResolvedValue(
    (config, writer) =>
      WinstonLogger.create(
        { level: config.log.level, format: formatOf(config), fields: config.log.fields },
        writer,
      ),
    [T.config, T.logWriter],
  );
  bind(T.logger).toResolvedValue((logger) => logger, [T.winstonLogger]);
  bind(T.accessLogWriter).toResolvedValue(
    (config, writer) =>
      new AccessLogWriter(!config.log.accesslog.disabled, formatOf(config), config.log.fields, writer),
    [T.config, T.logWriter],
  );
  bind(T.accessLog).toResolvedValue((accessLog) => accessLog, [T.accessLogWriter]);
  bind(T.onFatal).toResolvedValue((logger, writer) => onFatal(logger, writer), [T.logger, T.logWriter]);
});

/** Text for people, JSON for programs, unless the configuration says otherwise. */
function formatOf({ log }: Config): LogFormat {
  return log.formatter ?? (process.stdout.isTTY ? 'text' : 'json');
}
