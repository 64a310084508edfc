import { plainFields, type PlainFields, type PlainValue } from './plain-fields.js';
import { escapeControls, quote } from './quote.js';
import { redact, redactText } from './redact.js';

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

/** Names that a line has of its own; a field that is called so becomes `fields.<name>`. */
const OWN_NAMES: ReadonlySet<string> = new Set(['time', '@timestamp', '@version', 'level', 'message']);
const BARE = /^[\w./:@+*,~-]+$/;

/**
 * One line for each entry, with its line break; in text, the stacks of errors stand on lines below it. Credentials are
 * masked, and control characters escaped: no value can forge a line or drive a terminal.
 */
export const RENDERERS: Readonly<Record<LogFormat, Renderer>> = {
  text: renderText,
  json: (entry) => renderJson('json', entry),
  logstash: (entry) => renderJson('logstash', entry),
};

/** The beginning of a JSON line: an object without its end. */
export function jsonHead(format: 'json' | 'logstash', time: number, level: string, message: string): string {
  const at = `"${new Date(time).toISOString()}"`;
  const stamp = format === 'json' ? `"time":${at}` : `"@timestamp":${at},"@version":"1"`;
  return `{${stamp},"level":"${level}","message":${quote(message)}`;
}

/** `,"key":value` for each field. */
export function jsonMembers(fields: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(redact(plainFields(fields)));
  return members
    .map(([key, value]) => `,${quote(ownName(key))}:${escapeControls(JSON.stringify(value))}`)
    .join('');
}

/** ` key=value` for each field. */
export function textMembers(fields: Readonly<Record<string, unknown>>): string {
  return pairs('', redact(plainFields(fields))).join('');
}

/** A text as one word: quoted where it would not read as one. */
export function textValue(text: string): string {
  return BARE.test(text) ? text : quote(text);
}

function renderJson(format: 'json' | 'logstash', { time, level, message, fields }: LogEntry): string {
  return `${jsonHead(format, time, level, redactText(message))}${jsonMembers(fields)}}\n`;
}

function ownName(key: string): string {
  return OWN_NAMES.has(key) ? `fields.${key}` : key;
}

function renderText({ time, level, message, fields }: LogEntry): string {
  const stacks: string[] = [];
  const shown = pairs('', takeStacks(redact(plainFields(fields)), stacks, '')).join('');
  const head = `${new Date(time).toISOString()} ${level.padEnd(5)} ${escapeControls(redactText(message))}`;
  const below = stacks.flatMap((stack) => stack.split('\n')).map((line) => `    ${escapeControls(line)}\n`);
  return `${head}${shown}\n${below.join('')}`;
}

/** ` key=value` for each leaf, keys dotted. */
function pairs(prefix: string, fields: PlainFields): string[] {
  return Object.entries(fields).flatMap(([key, value]) => {
    const name = `${prefix}${textValue(key)}`;
    if (isFields(value)) return pairs(`${name}.`, value);
    return [
      ` ${name}=${typeof value === 'string' ? textValue(value) : escapeControls(JSON.stringify(value))}`,
    ];
  });
}

function isFields(value: PlainValue | undefined): value is PlainFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields without the stacks of errors, nor the names and messages that these begin with; adds them to `stacks`. */
function takeStacks(fields: PlainFields, stacks: string[], word: string): PlainFields {
  const rest: Record<string, PlainValue> = {};
  const { stack } = fields;
  if (typeof stack === 'string') stacks.push(`${word}${stack}`);
  for (const [key, value] of Object.entries(fields)) {
    if (typeof stack === 'string' && (key === 'stack' || key === 'name' || key === 'message')) continue;
    rest[key] = isFields(value) ? takeStacks(value, stacks, key === 'cause' ? 'caused by ' : '') : value;
  }
  return rest;
}
