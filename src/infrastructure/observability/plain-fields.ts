/** What JSON can hold, and nothing that runs when it is read. */
export type PlainValue = string | number | boolean | null | readonly PlainValue[] | PlainFields;
export interface PlainFields {
  readonly [key: string]: PlainValue;
}

/** Deeper values are shown as `[…]`: a log line is no dump. */
const DEPTH = 6;

/**
 * Copies the fields of a log line into plain values: errors with name, message, code, stack and chain of causes, value
 * objects as their text, bytes as their number. Never throws, whatever the values do.
 */
export function plainFields(fields: Readonly<Record<string, unknown>>): PlainFields {
  return membersOf(fields, DEPTH);
}

function membersOf(source: object, depth: number, except?: ReadonlySet<string>): PlainFields {
  const members: Record<string, PlainValue> = {};
  for (const key of Object.keys(source)) {
    if (except?.has(key) === true) continue;
    const value = attempt(() => plain((source as Record<string, unknown>)[key], depth));
    if (value !== undefined) members[key] = value;
  }
  return members;
}

/** Getters and `toString` of strangers may throw; the line must come all the same. */
function attempt(read: () => PlainValue | undefined): PlainValue | undefined {
  try {
    return read();
  } catch (error) {
    return `[unreadable: ${error instanceof Error ? error.message : typeof error}]`;
  }
}

function plain(value: unknown, depth: number): PlainValue | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'object':
      return value === null ? null : plainObject(value, depth);
    case 'undefined':
      return undefined;
    case 'bigint':
    case 'symbol':
      return value.toString();
    case 'function':
      return '[function]';
  }
}

function plainObject(value: object, depth: number): PlainValue {
  if (depth === 0) return '[…]';
  if (value instanceof Error) return plainError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value))
    return value.map((item: unknown) => attempt(() => plain(item, depth - 1)) ?? null);
  if (value instanceof Map) return membersOf(Object.fromEntries(value), depth - 1);
  if (value instanceof Set) return plainObject([...value], depth);
  return ownText(value) ?? membersOf(value, depth - 1);
}

/** Value objects (digests, names) say what they are by a `toString` of their own. */
function ownText(value: object): string | undefined {
  const text: unknown = (value as Record<string, unknown>)['toString'];
  if (typeof text !== 'function' || text === Object.prototype.toString) return undefined;
  return String(Reflect.apply(text, value, []));
}

const SHOWN_FIRST = new Set(['name', 'message', 'stack', 'cause']);

function plainError(error: Error, depth: number): PlainFields {
  return {
    name: error.name,
    message: error.message,
    ...membersOf(error, depth - 1, SHOWN_FIRST),
    ...(typeof error.stack === 'string' && error.stack !== '' ? { stack: error.stack } : {}),
    ...causeOf(error.cause, depth),
  };
}

function causeOf(cause: unknown, depth: number): PlainFields {
  const value = attempt(() => plain(cause, depth - 1));
  return value === undefined ? {} : { cause: value };
}
