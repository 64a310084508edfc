import { Writable } from 'node:stream';
import { createLogger, format, transports, type Logger as Winston } from 'winston';
import type { LogFields, Logger } from '../../application/ports/system/logger.js';
import type { DroppingWriter } from './dropping-writer.js';
import { RENDERERS, type LogFormat } from './log-format.js';

const LEVELS = { error: 0, warn: 1, info: 2, debug: 3 } as const;
export type LogLevel = keyof typeof LEVELS;

/** Says what is logged, and how. */
export interface LogSettings {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Stand on every line. */
  readonly fields: LogFields;
}

/** Shared by a logger and its children. */
interface Terms {
  level: number;
  fields: LogFields;
}

/** The logger port over winston. What its level drops costs a comparison: winston is not called. */
export class WinstonLogger implements Logger {
  readonly #winston: Winston;
  readonly #terms: Terms;
  readonly #own: LogFields;

  private constructor(winston: Winston, terms: Terms, own: LogFields) {
    this.#winston = winston;
    this.#terms = terms;
    this.#own = own;
  }

  static create({ level, format: logFormat, fields }: LogSettings, writer: DroppingWriter): WinstonLogger {
    const render = RENDERERS[logFormat];
    const stream = new Writable({
      decodeStrings: false,
      write(line: string, _encoding, done) {
        writer.write(line);
        done();
      },
    });
    const winston = createLogger({
      levels: LEVELS,
      // What a level drops does not come here.
      level: 'debug',
      format: format.printf((info) =>
        render({
          time: Date.now(),
          level: info.level,
          message: String(info.message),
          fields: info['fields'] as LogFields,
        }),
      ),
      transports: [new transports.Stream({ stream, eol: '' })],
    });
    return new WinstonLogger(winston, { level: LEVELS[level], fields }, {});
  }

  /** From now on, for its children too. */
  use({ level, fields }: Omit<LogSettings, 'format'>): void {
    this.#terms.level = LEVELS[level];
    this.#terms.fields = fields;
  }

  debug(message: string, fields?: LogFields): void {
    if (this.#terms.level >= LEVELS.debug) this.#log('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    if (this.#terms.level >= LEVELS.info) this.#log('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    if (this.#terms.level >= LEVELS.warn) this.#log('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#log('error', message, fields);
  }

  child(fields: LogFields): Logger {
    return new WinstonLogger(this.#winston, this.#terms, { ...this.#own, ...fields });
  }

  #log(level: LogLevel, message: string, fields: LogFields = {}): void {
    this.#winston.log({ level, message, fields: { ...this.#terms.fields, ...this.#own, ...fields } });
  }
}
