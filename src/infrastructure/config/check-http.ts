import type { Collected, CollectedValue } from './collect-settings.js';
import type { ListenAddress, SocketPath } from './config.js';
import { isSocketPath } from './listen-address.js';
import { placeOf } from './source-node.js';

/** What the keys below `http` cannot say of themselves. */
export function httpProblems(collected: Collected): string[] {
  return [...socketProblems(collected), ...pairProblems(collected)];
}

function socketProblems({ values, problems }: Collected): string[] {
  const net = values.get('http.net');
  const addr = values.get('http.addr');
  const isUnix = net?.value === 'unix';
  if (addr === undefined) {
    if (!isUnix || problems.some((problem) => problem.startsWith('http.addr ('))) return [];
    return [
      `http.addr is missing: with http.net: unix (${placeOf(net.origin)}) it names the path of the socket.`,
    ];
  }
  const isPath = isSocketPath(addr.value as ListenAddress | SocketPath);
  if (isPath === isUnix) return [];
  const place = placeOf(addr.origin);
  return [
    isPath
      ? `http.addr (${place}) is a path, which belongs to http.net: unix: set that, or write host and port.`
      : `http.addr (${place}) must be the path of a socket, as in /run/stowage.sock, since http.net is unix (${placeOf(net?.origin ?? addr.origin)}).`,
  ];
}

/** Whoever asks for encryption or for certificates of clients must not be served without. */
function pairProblems({ values, problems }: Collected): string[] {
  const get = (name: string) => values.get(`http.tls.${name}`);
  const isBroken = (name: string) => problems.some((problem) => problem.startsWith(`http.tls.${name} (`));
  const [certificate, key, authorities] = [get('certificate'), get('key'), get('clientcas')];
  if (isBroken('certificate') || isBroken('key')) return [];
  if (certificate !== undefined && key === undefined) return [useless('certificate', certificate, 'key')];
  if (key !== undefined && certificate === undefined) return [useless('key', key, 'certificate')];
  if (certificate !== undefined || !hasItems(authorities)) return [];
  return [useless('clientcas', authorities, 'certificate')];
}

function hasItems(list: CollectedValue | undefined): list is CollectedValue {
  return Array.isArray(list?.value) && list.value.length > 0;
}

function useless(there: string, { origin }: CollectedValue, missing: string): string {
  return `http.tls.${there} (${placeOf(origin)}) is useless without http.tls.${missing}: set both.`;
}

/** Whether only clients with a certificate are let in. */
export function demandsCertificates({ values }: Collected): boolean {
  const demand = values.get('http.tls.clientauth')?.value ?? 'require-and-verify-client-cert';
  return hasItems(values.get('http.tls.clientcas')) && demand === 'require-and-verify-client-cert';
}

/** What works, but not as it looks. */
export function httpWarnings({ values }: Collected): string[] {
  const get = (name: string) => values.get(`http.${name}`);
  const warnings: string[] = [];
  const idle = (key: string, without: string) => {
    const set = get(key);
    if (set !== undefined) warnings.push(`http.${key} (${placeOf(set.origin)}) does nothing ${without}.`);
  };
  const hasCertificate = get('tls.certificate') !== undefined;
  for (const key of ['tls.minimumtls', 'tls.ciphersuites']) {
    if (!hasCertificate) idle(key, 'without http.tls.certificate');
  }
  if (!hasItems(get('tls.clientcas'))) idle('tls.clientauth', 'without http.tls.clientcas');
  if (hasCertificate && get('tls.minimumtls')?.value === 'tls1.3')
    idle('tls.ciphersuites', 'with http.tls.minimumtls: tls1.3, whose suites cannot be chosen');
  const [host, prefix] = [get('host'), get('prefix')];
  if (
    host !== undefined &&
    prefix !== undefined &&
    prefix.value !== '/' &&
    isWithoutPath(String(host.value))
  ) {
    warnings.push(
      `http.host (${placeOf(host.origin)}) has no path, so URLs in answers do not carry http.prefix: if clients see the ` +
        `registry below it, write ${String(host.value).slice(0, -1)}${String(prefix.value)}.`,
    );
  }
  return warnings;
}

function isWithoutPath(url: string): boolean {
  return new URL(url).pathname === '/';
}
