import { homedir } from 'node:os';
import { relative } from 'node:path';
import type { Config, ListenAddress, SocketPath } from '../infrastructure/config/config.js';
import { isSocketPath } from '../infrastructure/config/listen-address.js';
import { nameOfPlace } from './storage-place.js';

/** What is said to whoever has started the registry. */
export function welcome(
  config: Config,
  place: ListenAddress | SocketPath,
  isReadOnly: boolean,
): readonly string[] {
  const where = `Stowage listens on ${urlOf(config, place)}`;
  const storage = describeStorage(config);
  if (isReadOnly) return [`${where} and serves ${storage}, read-only.`];
  const first = `${where} and stores in ${storage}.`;
  // docker pushes to hosts and ports alone.
  if (isSocketPath(place) || config.http.prefix !== '/') return [first];
  const name = `${hostFor(place)}:${place.port}/alpine`;
  return [first, `Push a first image: docker tag alpine ${name} && docker push ${name}`];
}

export function describeStorage(config: Config): string {
  const { driver } = config.storage;
  if (driver.kind === 'inmemory') return 'memory (nothing is kept when it stops)';
  if (driver.kind === 's3') return nameOfPlace(config);
  const path = driver.rootdirectory;
  return path.startsWith(`${homedir()}/`) ? `~/${relative(homedir(), path)}` : path;
}

export function urlOf({ http: { tls, prefix } }: Config, place: ListenAddress | SocketPath): string {
  const scheme = tls === undefined ? 'http' : 'https';
  if (isSocketPath(place)) return `${scheme}+unix:${place.path}`;
  return `${scheme}://${hostFor(place)}:${place.port}${prefix === '/' ? '' : prefix}`;
}

/** What a client on this machine would write for the host. */
function hostFor({ host }: ListenAddress): string {
  if (host === undefined || host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
