import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientAddresses } from '../../../src/interfaces/http/client-addresses.js';

/** A request from `remoteAddress` with this header. */
function requestFrom(remoteAddress: string | undefined, forwarded: string | undefined): IncomingMessage {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

/** What the registry takes for the client of a request from `remoteAddress` with this header. */
function clientOf(
  trusted: readonly string[],
  remoteAddress: string | undefined,
  forwarded: string | undefined,
): string {
  return new ClientAddresses(trusted).of(requestFrom(remoteAddress, forwarded));
}

describe('the address of a client', () => {
  it.each([
    ['nobody is trusted', [], '10.0.0.1', '192.0.2.1', '10.0.0.1'],
    ['the proxy is another', ['10.0.0.2'], '10.0.0.1', '192.0.2.1', '10.0.0.1'],
    ['the proxy names it', ['10.0.0.1'], '10.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['the proxy names nobody', ['10.0.0.1'], '10.0.0.1', undefined, '10.0.0.1'],
    ['the proxy is in a network', ['10.0.0.0/8'], '10.200.0.1', '192.0.2.1', '192.0.2.1'],
    ['the proxy is mapped into IPv6', ['10.0.0.0/8'], '::ffff:10.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['all is IPv6', ['2001:db8::/32'], '2001:db8::1', '2001:db9::7', '2001:db9::7'],
    ['it invents one before the proxy', ['10.0.0.1'], '10.0.0.1', '1.1.1.1, 192.0.2.1', '192.0.2.1'],
    ['two proxies are trusted', ['10.0.0.0/8'], '10.0.0.1', '1.1.1.1, 192.0.2.1,10.0.0.2', '192.0.2.1'],
    ['all are trusted', ['10.0.0.0/8'], '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['the header is nonsense', ['10.0.0.1'], '10.0.0.1', 'evil\u0000, unknown', '10.0.0.1'],
    ['the nonsense stands before it', ['10.0.0.1'], '10.0.0.1', 'unknown, 192.0.2.1', '192.0.2.1'],
    ['the proxy adds ports', ['10.0.0.1'], '10.0.0.1', '192.0.2.1:4711', '192.0.2.1'],
    ['the proxy adds ports to IPv6', ['10.0.0.1'], '10.0.0.1', '[2001:db9::7]:4711', '2001:db9::7'],
    ['the proxy is on the same link', ['fe80::/10'], 'fe80::1%eth0', '192.0.2.1', '192.0.2.1'],
    ['it is on the same link', ['10.0.0.1'], '10.0.0.1', 'fe80::1%eth0', 'fe80::1%eth0'],
    ['it comes by a socket that is not trusted', ['10.0.0.1'], undefined, '192.0.2.1', ''],
    ['it comes by a socket', ['unix'], undefined, '192.0.2.1', '192.0.2.1'],
    ['only the socket is trusted', ['unix'], '10.0.0.1', '192.0.2.1', '10.0.0.1'],
  ])('when %s', (_when, trusted, remote, forwarded, client) => {
    expect(clientOf(trusted, remote, forwarded)).toBe(client);
  });

  it('is always an address, whatever the header says', () => {
    const item = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string());
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const client = clientOf(['10.0.0.0/8', '::/1'], '10.0.0.1', items.join(','));
        expect(client).toMatch(/^[\da-f:.]+$/i);
      }),
    );
  });
});

describe('a request', () => {
  it.each([
    ['was forwarded by a proxy that is named', ['10.0.0.1'], '10.0.0.1', '192.0.2.1', true],
    ['was forwarded over the socket', ['unix'], undefined, '192.0.2.1', true],
    ['came over the socket, which is not named', ['10.0.0.1'], undefined, '192.0.2.1', false],
    ['came from the machine of the proxy, by nobody', ['10.0.0.1'], '10.0.0.1', undefined, false],
    ['only says so', ['10.0.0.1'], '192.0.2.1', '10.0.0.1', false],
    ['says so where no proxy is named', [], '10.0.0.1', '192.0.2.1', false],
  ])('%s', (_what, trusted, remote, forwarded, expected) => {
    expect(new ClientAddresses(trusted).isForwarded(requestFrom(remote, forwarded))).toBe(expected);
  });
});
