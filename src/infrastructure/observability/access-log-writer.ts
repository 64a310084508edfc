import type { AccessLog, AccessRecord } from '../../application/ports/system/access-log.js';
import type { LogFields } from '../../application/ports/system/logger.js';
import type { DroppingWriter } from './dropping-writer.js';
import { textValue, type LogFormat } from './log-format.js';

/**
 * One line for each request, built by hand and written in batches beside the log's: through the logger it would cost as
 * much as the request.
 */
export class AccessLogWriter implements AccessLog {
  readonly enabled: boolean;
  readonly #writer: DroppingWriter;
  readonly #render: (record: AccessRecord) => string;

  constructor(enabled: boolean, format: LogFormat, fields: LogFields, writer: DroppingWriter) {
    this.enabled = enabled;
    this.#writer = writer;
    this.#render = format === 'text' ? renderText : (record) => renderJson(record, format, fields);
  }

  record(record: AccessRecord): void {
    this.#writer.write(this.#render(record));
  }
}

function renderText(record: AccessRecord): string {
  const { method, path, status, bytes, durationMs, client, requestId, userAgent } = record;
  return (
    `${new Date().toISOString()} access ${textValue(method)} ${textValue(path)} ${status} ${bytes}B ` +
    `${durationMs.toFixed(1)}ms ${client} id=${requestId} agent=${textValue(userAgent)}\n`
  );
}

function renderJson(record: AccessRecord, format: LogFormat, fields: LogFields): string {
  const time = new Date().toISOString();
  const stamp = format === 'logstash' ? { '@timestamp': time, '@version': 1 } : { time };
  const durationMs = Math.round(record.durationMs * 10) / 10;
  return `${JSON.stringify({ ...stamp, level: 'info', message: 'request', ...fields, ...record, durationMs })}\n`;
}
