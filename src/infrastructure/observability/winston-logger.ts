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

/** The logger port over winston. What its level drops costs a comparison: winston is not called. */
export class WinstonLogger implements Logger {
  readonly #winston: Winston;
  readonly #level: number;
  readonly #fields: LogFields;

  private constructor(winston: Winston, level: number, fields: LogFields) {
    this.#winston = winston;
    this.#level = level;
    this.#fields = fields;
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
      level,
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
    return new WinstonLogger(winston, LEVELS[level], fields);
  }

  debug(message: string, fields?: LogFields): void {
    if (this.#level >= LEVELS.debug) this.#log('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    if (this.#level >= LEVELS.info) this.#log('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    if (this.#level >= LEVELS.warn) this.#log('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#log('error', message, fields);
  }

  child(fields: LogFields): Logger {
    return new WinstonLogger(this.#winston, this.#level, { ...this.#fields, ...fields });
  }

  #log(level: LogLevel, message: string, fields: LogFields = {}): void {
    this.#winston.log({ level, message, fields: { ...this.#fields, ...fields } });
  }
}
