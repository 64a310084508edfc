import { isIP } from 'node:net';
import type { ListenAddress, SocketPath } from './config.js';
import { formats, quote } from './formats.js';
import { formatListenPlace, parseListenPlace } from './listen-address.js';
import { isNothing } from './source-node.js';
import { type ValueFormat, ValueRefused } from './value-format.js';

const PREFIX = /^\/(?:[\w.~-]+\/)*$/;
const BITS = { 4: 32, 6: 128 } as const;

const place: ValueFormat<ListenAddress | SocketPath> = {
  expected: `${formats.address.expected}; the path of a socket with net: unix`,
  read(node) {
    const written = formats.text.read(node);
    const parsed = parseListenPlace(written);
    if (typeof parsed === 'string') throw new ValueRefused(`is ${quote(written)}, which ${parsed}`);
    return parsed;
  },
  holds: (value) => typeof value === 'object' && value !== null && ('port' in value || 'path' in value),
  show: formatListenPlace,
};

/** Kept with the slash before `v2/` at its end. */
const baseUrl: ValueFormat<string> = {
  expected: 'scheme and host, as in https://registry.example.com, and a path only with a slash at its end',
  read(node) {
    const written = formats.text.read(node);
    const url = URL.canParse(written) ? new URL(written) : undefined;
    if (url === undefined || !isPlain(url)) throw new ValueRefused(`must be ${this.expected}`);
    return url.href;
  },
  holds: (value) => typeof value === 'string' && URL.canParse(value),
  show: (value) => value,
};

function isPlain({ protocol, username, password, search, hash, hostname, pathname }: URL): boolean {
  if (protocol !== 'https:' && protocol !== 'http:') return false;
  return (
    hostname !== '' &&
    pathname.endsWith('/') &&
    [username, password, search, hash].every((part) => part === '')
  );
}

/** Kept with a slash at both ends. */
const prefix: ValueFormat<string> = {
  expected: 'a path that begins with /, as in /registry/',
  read(node) {
    const written = formats.text.read(node);
    return written.endsWith('/') ? written : `${written}/`;
  },
  holds: (value) => typeof value === 'string' && PREFIX.test(value) && !/\/\.\.?\//.test(value),
  show: (value) => value,
};

/** The same, and more than /. */
const location: ValueFormat<string> = {
  ...prefix,
  expected: 'a path below /, as in /stowage-files/',
  holds: (value) => prefix.holds(value) && value !== '/',
};

const proxies: ValueFormat<readonly string[]> = {
  expected: 'a list of addresses, networks such as 10.0.0.0/8, and the word unix',
  read(node) {
    if (isNothing(node)) return [];
    if (node.kind !== 'list') throw new ValueRefused(`must be ${this.expected}`);
    return node.items.map((item) => {
      if (item.kind === 'scalar' && isProxy(item.text)) return item.text;
      const found = item.kind === 'scalar' ? quote(item.text) : 'an item';
      throw new ValueRefused(`has ${found}, which is no address, no network and not unix`, item.origin);
    });
  },
  holds: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string' && isProxy(item)),
  show: (value) => value,
};

function isProxy(text: string): boolean {
  if (text === 'unix') return true;
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if ((family !== 4 && family !== 6) || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= BITS[family]);
}

/** More share one writer of the metadata database without any gain. */
const MOST_WORKERS = 64;

const workers: ValueFormat<number | 'auto'> = {
  expected: `a whole number from 1 to ${MOST_WORKERS}, or auto`,
  read(node) {
    if (node.kind === 'scalar' && node.text.toLowerCase() === 'auto') return 'auto';
    if (node.kind === 'scalar' && isWorkers(node.value)) return node.value;
    const found = node.kind === 'scalar' ? `, but is ${quote(node.text)}` : '';
    throw new ValueRefused(`must be ${this.expected}${found}`);
  },
  holds: (value) => value === 'auto' || isWorkers(value),
  show: (value) => value,
};

function isWorkers(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_WORKERS;
}

/** The formats of keys of `http` that say where the registry is, and who answers there. */
export const httpFormats = { place, baseUrl, prefix, location, proxies, workers } as const;
