import type { PlainFields, PlainValue } from './plain-fields.js';

const MASK = '***';

/** Keys whose values are credentials, wherever they stand. */
const SECRET_KEY =
  /authorization|cookie|passw(?:or)?d|secret|token|signature|credential|(?:access|api)[-_]?key|^_state$/i;
/** Parameters of a query that are credentials: upload state, tokens, presigned URLs of S3, Azure and Google. */
const SECRET_PARAMETER =
  /([?&](?:_state|[\w.-]*token|[\w.-]*signature|[\w.-]*credential|sig|secret|password)=)[^&\s"'<>]*/gi;
/** An apostrophe may stand in a password as it is (RFC 3986 3.2.1), a quotation mark may not. */
const USER_INFORMATION = /(:\/\/)[^/?#\s@"]+@/g;
const AUTHORIZATION = /\b(Bearer|Basic)\s+[\w+/=.~-]+/gi;

/** Takes credentials out of the fields of a log line: whole values by their key, parts of texts by their form. */
export function redact(fields: PlainFields): PlainFields {
  const clean: Record<string, PlainValue> = {};
  for (const [key, value] of Object.entries(fields)) {
    clean[key] = SECRET_KEY.test(key) ? MASK : redactValue(value);
  }
  return clean;
}

/** Takes credentials out of a text. */
export function redactText(text: string): string {
  return text
    .replace(SECRET_PARAMETER, `$1${MASK}`)
    .replace(USER_INFORMATION, `$1${MASK}@`)
    .replace(AUTHORIZATION, `$1 ${MASK}`);
}

function redactValue(value: PlainValue): PlainValue {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  return isList(value) ? value.map(redactValue) : redact(value);
}

function isList(value: readonly PlainValue[] | PlainFields): value is readonly PlainValue[] {
  return Array.isArray(value);
}
