import type { AccessLog, AccessRecord } from '../../application/ports/system/access-log.js';
import type { LogFields } from '../../application/ports/system/logger.js';
import type { DroppingWriter } from './dropping-writer.js';
import { jsonHead, jsonMembers, textMembers, textValue, type LogFormat } from './log-format.js';
import { escapeControls, quote } from './quote.js';

/**
 * One line for each request, built by hand and written in batches beside the log's: through the logger it would cost as
 * much as the request.
 */
export class AccessLogWriter implements AccessLog {
  enabled: boolean;
  readonly #format: LogFormat;
  readonly #writer: DroppingWriter;
  #render: (record: AccessRecord) => string;

  /** @param fields stand on every line */
  constructor(enabled: boolean, format: LogFormat, fields: LogFields, writer: DroppingWriter) {
    this.enabled = enabled;
    this.#format = format;
    this.#writer = writer;
    this.#render = renderer(format, fields);
  }

  /** From now on. */
  use(enabled: boolean, fields: LogFields): void {
    this.enabled = enabled;
    this.#render = renderer(this.#format, fields);
  }

  record(record: AccessRecord): void {
    this.#writer.write(this.#render(record));
  }
}

function renderer(format: LogFormat, fields: LogFields): (record: AccessRecord) => string {
  return format === 'text' ? textRenderer(fields) : jsonRenderer(format, fields);
}

function textRenderer(fields: LogFields): (record: AccessRecord) => string {
  const fixed = textMembers(fields);
  return ({ method, path, status, bytes, durationMs, user, client, requestId, userAgent }) =>
    `${new Date().toISOString()} ${'info'.padEnd(5)} ${textValue(method)} ${escapeControls(path)} ${status} ` +
    `${bytes}B ${durationMs.toFixed(1)}ms ${user === undefined ? '' : `user=${textValue(user)} `}client=${textValue(client)} requestId=${textValue(requestId)} ` +
    `userAgent=${textValue(userAgent)}${fixed}\n`;
}

function jsonRenderer(format: 'json' | 'logstash', fields: LogFields): (record: AccessRecord) => string {
  const fixed = jsonMembers(fields);
  return ({ method, path, status, bytes, durationMs, user, client, requestId, userAgent }) =>
    `${jsonHead(format, Date.now(), 'info', 'request')}${fixed},"method":${quote(method)},"path":${quote(path)},` +
    `"status":${status},"bytes":${bytes},"durationMs":${Math.round(durationMs * 1000) / 1000},` +
    `"requestId":${quote(requestId)},${user === undefined ? '' : `"user":${quote(user)},`}"client":${quote(client)},"userAgent":${quote(userAgent)}}\n`;
}
