import { redactText } from '../observability/redact.js';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../security/token/token-options.js';
import { formats } from './formats.js';
import { isNothing } from './source-node.js';
import { type ValueFormat, ValueRefused } from './value-format.js';

/** Printable ASCII: it is sent in a header. */
const headerText = textLike(
  'text that can be sent in a header: printable ASCII',
  /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/,
);

/** RFC 3986 3.3. */
const urlPath = textLike('a path that begins with /, as in a URL', /^\/[\w.~!$&'()*+,;=:@%/-]*$/);

const keySet: ValueFormat<string> = {
  ...formats.text,
  expected: 'a path or an address that begins with https://',
  read(node) {
    const written = formats.text.read(node);
    if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(written)) return written;
    const url = URL.canParse(written) ? new URL(written) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol))
      throw new ValueRefused(`must be ${this.expected}`);
    if (url.username === '' && url.password === '') return written;
    throw new ValueRefused('has a user name or password in its address: keys are public, so none is needed');
  },
  show: redactText,
};

const signingAlgorithms: ValueFormat<readonly SigningAlgorithm[]> = {
  expected: `a list of algorithms: ${SIGNING_ALGORITHMS.join(', ')}`,
  read(node) {
    if (isNothing(node)) return SIGNING_ALGORITHMS;
    if (node.kind !== 'list' || node.items.length === 0) throw new ValueRefused(`must be ${this.expected}`);
    return node.items.map((item) => {
      const written = item.kind === 'scalar' && item.value !== null ? item.text : '';
      const known = SIGNING_ALGORITHMS.find((name) => name === written);
      if (known !== undefined) return known;
      throw new ValueRefused(
        `has ${JSON.stringify(written.slice(0, 80))}, which ${whyNot(written)}`,
        item.origin,
      );
    });
  },
  holds: (value) =>
    Array.isArray(value) && value.length > 0 && value.every((item) => SIGNING_ALGORITHMS.includes(item)),
  show: (value) => value,
};

function whyNot(algorithm: string): string {
  if (/^HS(256|384|512)$/.test(algorithm)) {
    return 'signs with a secret that both sides know: rootcertbundle and jwks hold public keys. Use RS256 or ES256';
  }
  if (algorithm.toLowerCase() === 'none') return 'signs nothing: everybody could make tokens';
  return `is none of ${SIGNING_ALGORITHMS.join(', ')}`;
}

function textLike(expected: string, form: RegExp): ValueFormat<string> {
  const holds = (value: unknown): value is string => typeof value === 'string' && form.test(value);
  return {
    ...formats.text,
    expected,
    read(node) {
      const written = formats.text.read(node);
      if (!holds(written)) throw new ValueRefused(`must be ${expected}`);
      return written;
    },
    holds,
  };
}

/** The formats of the keys below `auth.token`. */
export const tokenFormats = { headerText, urlPath, keySet, signingAlgorithms } as const;
