import { describeError, type DescribedError } from './describe-error.js';
import { redact } from './redact.js';

export type LogFormat = 'text' | 'json' | 'logstash';

/** What a line is made of. */
export interface LogEntry {
  /** Milliseconds of Unix time. */
  readonly time: number;
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

type Renderer = (entry: LogEntry) => string;

const CONTROL = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/;
const BARE = /^[\w.,:/@+*~<>()[\]{}-]+$/;

/** One line, or with a stack several, for each entry, with its line break; credentials are masked. */
export const RENDERERS: Readonly<Record<LogFormat, Renderer>> = {
  text: renderText,
  json: ({ time, level, message, fields }) =>
    `${JSON.stringify({ time: new Date(time).toISOString(), level, message, ...plain(fields) })}\n`,
  logstash: ({ time, level, message, fields }) =>
    `${JSON.stringify({ '@timestamp': new Date(time).toISOString(), '@version': 1, level, message, ...plain(fields) })}\n`,
};

/** The fields as JSON values: errors described, credentials masked. */
function plain(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const described = Object.entries(fields).map(([key, value]): [string, unknown] => [
    key,
    value instanceof Error || key === 'error' ? describeError(value) : value,
  ]);
  return redact(Object.fromEntries(described)) as Record<string, unknown>;
}

function renderText({ time, level, message, fields }: LogEntry): string {
  const { error, ...others } = plain(fields);
  const words = Object.entries(others).map(([key, value]) => `${key}=${textValue(value)}`);
  const head = [new Date(time).toISOString(), level.padEnd(5), escapeControl(message), ...words].join(' ');
  return error === undefined ? `${head}\n` : `${head}\n${indent(error as DescribedError)}`;
}

/** A value as one word: quoted where it would not read as one. */
export function textValue(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  return BARE.test(text) ? text : JSON.stringify(text);
}

function escapeControl(text: string): string {
  return CONTROL.test(text) ? JSON.stringify(text) : text;
}

function indent(error: DescribedError): string {
  const lines: string[] = [];
  for (let each: DescribedError | undefined = error, word = ''; each !== undefined; each = each.cause) {
    lines.push(`${word}${each.stack ?? `${each.name}: ${each.message}`}`);
    word = 'caused by ';
  }
  return lines
    .join('\n')
    .split('\n')
    .map((line) => `    ${line}\n`)
    .join('');
}
