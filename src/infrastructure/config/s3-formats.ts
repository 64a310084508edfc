import { formats } from './formats.js';
import type { SourceNode } from './source-node.js';
import { emptyIsNothing, type ValueFormat, ValueRefused } from './value-format.js';

/** The reference registry takes `"true"` and `"5242880"` here, and nowhere else. */
function withoutQuotes(node: SourceNode): SourceNode {
  if (node.kind !== 'scalar' || !node.quoted) return node;
  const { text } = node;
  const value = /^(true|false)$/i.test(text)
    ? /^true$/i.test(text)
    : /^\d{1,15}$/.test(text)
      ? Number(text)
      : text;
  return { ...node, value, quoted: typeof value === 'string' };
}

const boolean: ValueFormat<boolean> = {
  ...formats.boolean,
  read(node) {
    return formats.boolean.read(withoutQuotes(node));
  },
};

const onlyTrue: ValueFormat<boolean> = {
  ...boolean,
  expected: 'true: there is no other way to sign',
  holds: (value) => value === true,
};

/** The reference registry takes an empty text here as if the key were not there. */
const text = emptyIsNothing(formats.text);

const secret: ValueFormat<string> = { ...text, show: () => '********' };

/** A number of bytes. */
function bytes(least: number, most: number): ValueFormat<number> {
  const expected = `a number of bytes, ${least} to ${most}`;
  const number = formats.integer();
  const holds = (value: unknown) => number.holds(value) && Number(value) >= least && Number(value) <= most;
  return {
    ...number,
    expected,
    read(node) {
      const value = number.read(withoutQuotes(node));
      if (!holds(value)) throw new ValueRefused(`must be ${expected}, but is "${value}"`);
      return value;
    },
    holds,
  };
}

const endpoint = addressFormat('an address: https://host, host or host:port', (written) => {
  const url = urlOf(written.includes('://') ? written : `https://${written}`);
  return url !== undefined && isPlain(url);
});

const origin = addressFormat('scheme and host: https://host or https://host:port', (written) => {
  const url = urlOf(written);
  return url !== undefined && isPlain(url) && url.pathname === '/';
});

function addressFormat(expected: string, isRight: (written: string) => boolean): ValueFormat<string> {
  return {
    ...text,
    expected,
    read(node) {
      const written = formats.text.read(node);
      if (!isRight(written)) throw new ValueRefused(`must be ${expected}`);
      return written;
    },
  };
}

function urlOf(written: string): URL | undefined {
  return URL.canParse(written) ? new URL(written) : undefined;
}

/** Nothing in it that would be lost. */
function isPlain({ protocol, username, password, search, hash, hostname }: URL): boolean {
  if (protocol !== 'https:' && protocol !== 'http:') return false;
  return hostname !== '' && [username, password, search, hash].every((part) => part === '');
}

/** The formats of the keys below `storage.s3`. */
export const s3Formats = {
  text,
  boolean,
  onlyTrue,
  secret,
  bytes,
  endpoint,
  origin,
} as const;
