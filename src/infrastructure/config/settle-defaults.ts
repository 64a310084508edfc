import { join, resolve } from 'node:path';
import { isAddress } from '../security/token/token-options.js';
import type { Collected, CollectedValue } from './collect-settings.js';
import type { ListenAddress, SocketPath } from './config.js';
import { isSocketPath } from './listen-address.js';

const WITHOUT_CONFIGURATION = './data';
/** Where the reference registry stores when `filesystem` is named without a folder. */
const OF_THE_REFERENCE = '/var/lib/registry';
const LONGEST_PAGE = 1000;

/** Fills in the defaults that depend on other values, and makes paths absolute. */
export function settleDefaults({ values, drivers }: Collected, hasFile: boolean, cwd: string): void {
  const oldLevel = values.get('loglevel');
  if (oldLevel) fill(values, 'log.level', oldLevel);
  if (!hasFile) fill(values, 'storage.delete.enabled', byDefault(true));
  for (const key of ['catalog.maxentries', 'tags.maxtags']) {
    const set = values.get(key);
    if (set && Number(set.value) <= 0) values.set(key, { ...set, value: LONGEST_PAGE });
  }
  absolute(values, 'auth.token.rootcertbundle', cwd);
  if (!isAddress(String(values.get('auth.token.jwks')?.value))) absolute(values, 'auth.token.jwks', cwd);
  settleHttp(values, cwd);
  if (values.has('auth.htpasswd.path')) absolute(values, 'auth.htpasswd.path', cwd);
  if (drivers.has('inmemory')) return;
  if (drivers.has('s3')) {
    // Stores that are not AWS take any region; most expect this one.
    fill(values, 'storage.s3.region', byDefault('us-east-1'));
    absolute(values, 'metadata.sqlite.path', cwd);
    return;
  }
  const key = 'storage.filesystem.rootdirectory';
  fill(values, key, byDefault(drivers.has('filesystem') ? OF_THE_REFERENCE : WITHOUT_CONFIGURATION));
  const root = absolute(values, key, cwd);
  fill(values, 'metadata.sqlite.path', byDefault(join(root, 'stowage', 'metadata.db')));
  absolute(values, 'metadata.sqlite.path', cwd);
}

function settleHttp(values: Values, cwd: string): void {
  for (const key of ['http.tls.certificate', 'http.tls.key']) {
    if (values.has(key)) absolute(values, key, cwd);
  }
  const authorities = values.get('http.tls.clientcas');
  if (authorities) {
    const paths = (authorities.value as readonly string[]).map((path) => resolve(cwd, path));
    values.set('http.tls.clientcas', { ...authorities, value: paths });
  }
  const place = values.get('http.addr');
  if (place && isSocketPath(place.value as ListenAddress | SocketPath)) {
    const { path } = place.value as SocketPath;
    values.set('http.addr', { ...place, value: { path: resolve(cwd, path) } });
  }
}

type Values = Map<string, CollectedValue>;

function byDefault(value: unknown): CollectedValue {
  return { value, origin: { kind: 'default' } };
}

function fill(values: Values, key: string, value: CollectedValue): void {
  if (!values.has(key)) values.set(key, value);
}

function absolute(values: Values, key: string, cwd: string): string {
  const set = values.get(key);
  const path = resolve(cwd, String(set?.value));
  if (set) values.set(key, { ...set, value: path });
  return path;
}
