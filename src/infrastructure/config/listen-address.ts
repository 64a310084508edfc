import { BlockList, isIP, isIPv4 } from 'node:net';
import type { ListenAddress, SocketPath } from './config.js';

/**
 * Reads `:5000` (every interface), `host:port` and `[::1]:5000`.
 * @returns what is wrong, as the end of a sentence, when it is none of them
 */
export function parseListenAddress(text: string): ListenAddress | string {
  if (/\$\{?\w/.test(text))
    return 'has a variable in it: nobody fills that in here, so write the address itself';
  if (/^\d+$/.test(text)) return `has no colon: write :${text} for every interface or 127.0.0.1:${text}`;
  if (/^[a-z]+:\/\//i.test(text)) return 'is a URL: write only host and port, as in 127.0.0.1:5000';
  if (text.startsWith('/')) return 'is a path: write host and port, as in 127.0.0.1:5000';
  const colon = text.lastIndexOf(':');
  if (colon < 0 || text.endsWith(']')) return `has no port: write ${text || '127.0.0.1'}:5000`;
  const port = text.slice(colon + 1);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    return 'has no port from 0 to 65535 after its last colon';
  const host = text.slice(0, colon);
  const fault = hostFault(host);
  if (fault !== undefined) return fault;
  return { host: host === '' ? undefined : host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

function hostFault(host: string): string | undefined {
  if (host.startsWith('[') && host.endsWith(']')) {
    return isIP(host.slice(1, -1)) === 6 ? undefined : 'has no IPv6 address in its brackets';
  }
  if (host.includes(':')) return 'must have its IPv6 address in brackets, as in [::1]:5000';
  const isName = host.length <= 253 && /^(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*\.?$/i.test(host);
  const isNumber = /^[\d.]+$/.test(host) && !isIPv4(host);
  return host === '' || (isName && !isNumber) ? undefined : 'has no valid host before its colon';
}

/** The longest path of a socket that Linux takes, in bytes; what is longer would be cut off without a word. */
const LONGEST_SOCKET = 107;

/**
 * Reads what listening takes beside hosts and ports: the path of a socket, known by a slash or by `.sock` at its end.
 * @returns what is wrong, as the end of a sentence, when it is none of them
 */
export function parseListenPlace(text: string): ListenAddress | SocketPath | string {
  if ((!text.includes('/') && !text.endsWith('.sock')) || text.includes('://'))
    return parseListenAddress(text);
  if (text.endsWith('/')) return 'is the path of a folder: name a socket in it, as in /run/stowage.sock';
  const length = Buffer.byteLength(text);
  if (length > LONGEST_SOCKET)
    return `is a path of ${length} bytes, and the longest of a socket is ${LONGEST_SOCKET}`;
  return { path: text };
}

export function isSocketPath(place: ListenAddress | SocketPath): place is SocketPath {
  return 'path' in place;
}

export function formatListenPlace(place: ListenAddress | SocketPath): string {
  return isSocketPath(place) ? place.path : formatListenAddress(place);
}

export function formatListenAddress({ host, port }: ListenAddress): string {
  return `${host !== undefined && isIP(host) === 6 ? `[${host}]` : (host ?? '')}:${port}`;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');
loopback.addSubnet('::ffff:127.0.0.0', 104, 'ipv6');

/** True when only this machine can reach the address. */
export function isLoopback(place: ListenAddress | SocketPath): boolean {
  if (isSocketPath(place)) return true;
  const { host } = place;
  if (host === undefined) return false;
  const family = isIP(host);
  if (family === 0) return /^(.+\.)?localhost\.?$/i.test(host);
  return loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}
