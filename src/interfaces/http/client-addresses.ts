import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Whoever connects by a socket file, which has no address. */
const BY_SOCKET = 'unix';
/** Of a link-local address, the interface: `fe80::1%eth0`. */
const ZONE = /%.*$/s;
const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;

/** Where requests come from: the other end of the connection, or whom a trusted proxy there names. */
export class ClientAddresses {
  readonly #proxies = new BlockList();
  readonly #hasProxies: boolean;
  readonly #trustsSocket: boolean;

  /** @param trusted addresses, networks as `10.0.0.0/8`, and `unix` for whoever connects by a socket file */
  constructor(trusted: readonly string[]) {
    this.#hasProxies = trusted.length > 0;
    this.#trustsSocket = trusted.includes(BY_SOCKET);
    for (const proxy of trusted) if (proxy !== BY_SOCKET) this.#add(proxy);
  }

  /** Empty for one that came by a socket file. */
  of(req: IncomingMessage): string {
    const { remoteAddress } = req.socket;
    if (!this.#hasProxies) return remoteAddress ?? '';
    const forwarded = req.headers['x-forwarded-for'];
    if (forwarded === undefined || !this.#isTrusted(remoteAddress)) return remoteAddress ?? '';
    return this.#firstUntrusted(String(forwarded), remoteAddress ?? '');
  }

  /**
   * Whether its `X-Forwarded-Proto` and `X-Forwarded-Host` count. Where no proxies are named they do, as `Host` does: all
   * of them only say where the client believes to be.
   */
  mayForward(req: IncomingMessage): boolean {
    return !this.#hasProxies || this.#isTrusted(req.socket.remoteAddress);
  }

  /** Whether one of the proxies that are named has sent it for somebody: others of its machine may share its address. */
  isForwarded(req: IncomingMessage): boolean {
    if (!this.#hasProxies || req.headers['x-forwarded-for'] === undefined) return false;
    return this.#isTrusted(req.socket.remoteAddress);
  }

  /** Every proxy adds at the end whom it has seen; what stands before one that is not trusted may be invented. */
  #firstUntrusted(forwarded: string, remoteAddress: string): string {
    let client = remoteAddress;
    for (const item of forwarded.split(',').toReversed()) {
      const address = addressIn(item.trim());
      if (address === undefined) return client;
      client = address;
      if (!this.#isTrusted(address)) return client;
    }
    return client;
  }

  #add(proxy: string): void {
    const [address = '', bits] = proxy.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) this.#proxies.addAddress(address, family);
    else this.#proxies.addSubnet(address, Number(bits), family);
  }

  #isTrusted(address: string | undefined): boolean {
    if (address === undefined) return this.#trustsSocket;
    const plain = address.replace(MAPPED, '').replace(ZONE, '');
    return this.#proxies.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
  }
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function addressIn(item: string): string | undefined {
  const bare = /^\[(.+)\](?::\d+)?$/.exec(item)?.[1] ?? /^([\d.]+):\d+$/.exec(item)?.[1] ?? item;
  return isIP(bare) === 0 ? undefined : bare;
}
