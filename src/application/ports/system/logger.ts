/** Values that go beside the message. `error` may be any thrown value; its causes are shown too. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * A log line is a constant lower-case message with its values as fields. Credentials never reach it. Writing never
 * waits: when the output is slower than the lines, lines are dropped and counted.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  child(fields: LogFields): Logger;
}
