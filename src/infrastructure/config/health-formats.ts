import { isIP } from 'node:net';
import { redactText } from '../observability/redact.js';
import { formats, quote } from './formats.js';
import type { TcpAddress } from './health-config.js';
import { type ValueFormat, ValueRefused } from './value-format.js';

/** Credentials in it are not told. */
export function shownUri(uri: string): string {
  return redactText(uri);
}

/** What is refused is not repeated: it may hold a password. */
const uri: ValueFormat<string> = {
  ...formats.text,
  expected: 'an address that begins with http:// or https://',
  read(node) {
    const written = formats.text.read(node);
    const url = URL.canParse(written) ? new URL(written) : undefined;
    const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
    if (url === undefined || !isHttp || !/^https?:\/\/[^/]/i.test(written))
      throw new ValueRefused(`must be ${this.expected}`);
    // In its canonical form credentials have no sign in them that would end them too early.
    return url.username === '' && url.password === '' ? written : url.href;
  },
  show: shownUri,
};

const target: ValueFormat<TcpAddress> = {
  expected: 'an address to connect to: host:port, [IPv6]:port, or :port of this machine',
  read(node) {
    const written = formats.text.read(node);
    const [, host = '', port = ''] = /^([\w.-]*|\[[\da-f:.]+\]):(\d{1,5})$/i.exec(written) ?? [];
    const bare = host.replace(/^\[|\]$/g, '');
    const isRight = Number(port) >= 1 && Number(port) <= 65_535 && (bare === host || isIP(bare) === 6);
    if (!isRight) throw new ValueRefused(`must be ${this.expected}, but is ${quote(written)}`);
    return { written, host: bare === '' ? 'localhost' : bare, port: Number(port) };
  },
  holds: (value) => typeof value === 'object' && value !== null && 'port' in value,
  show: ({ written }) => written,
};

/** 0 is the default here, as in Go, where it is what a key has that is not there. */
function durationOr(byDefault: number): ValueFormat<number> {
  const duration = formats.duration(0);
  return { ...duration, read: (node) => duration.read(node) || byDefault };
}

const status: ValueFormat<number> = {
  ...formats.integer(),
  expected: 'a status of HTTP, 100 to 599',
  read(node) {
    const value = formats.integer().read(node);
    if (value !== 0 && !this.holds(value))
      throw new ValueRefused(`must be ${this.expected}, but is ${value}`);
    return value === 0 ? 200 : value;
  },
  holds: (value) => Number.isInteger(value) && Number(value) >= 100 && Number(value) <= 599,
};

/** The formats of the keys below `health`. */
export const healthFormats = { uri, target, durationOr, status } as const;
