const SECRET_KEY =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|password|passwd|secret|token|accesskey|secretkey)$/i;
const SECRET_PARAMETER =
  /([?&](?:_state|token|x-amz-signature|x-amz-credential|x-amz-security-token|sig)=)[^&\s"]+/gi;
const SECRET_SCHEME = /\b(Bearer|Basic)\s+[\w.~+/=-]+/gi;
const MASK = '***';
const MAX_DEPTH = 6;

/** The value without credentials: by the names of its keys, and by their usual forms inside text. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '…';
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  if ('toJSON' in value && typeof value.toJSON === 'function') return redact(value.toJSON(), depth + 1);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, SECRET_KEY.test(key) ? MASK : redact(item, depth + 1)]),
  );
}

function redactText(text: string): string {
  return text.replaceAll(SECRET_PARAMETER, `$1${MASK}`).replaceAll(SECRET_SCHEME, `$1 ${MASK}`);
}
