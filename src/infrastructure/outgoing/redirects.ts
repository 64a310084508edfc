import type { OutgoingHttpHeaders } from 'node:http';

/** As many as Go's client follows. */
export const MOST_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** They are meant for the host that was configured. */
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);

export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

/** @throws Error without the address, which may hold credentials of the other side */
export function follow(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to?.protocol !== 'http:' && to?.protocol !== 'https:') {
    throw new Error('the answer redirects to what is no address of http or https');
  }
  return to;
}

/** Those of the headers that were configured for `first` which another address may have too. */
export function headersTo(
  url: URL,
  first: URL,
  headers: ReadonlyMap<string, readonly string[]>,
): OutgoingHttpHeaders {
  const isSame = url.origin === first.origin;
  const sent = [...headers].filter(([name]) => {
    const key = name.toLowerCase();
    return isSame || (key !== 'host' && !CREDENTIALS.has(key));
  });
  return Object.fromEntries(sent.map(([name, values]) => [name, [...values]]));
}
