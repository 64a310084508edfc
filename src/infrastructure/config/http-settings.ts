import type { Schema } from 'convict';
import type { ListenAddress, SocketPath } from './config.js';
import { formats } from './formats.js';
import { httpFormats } from './http-formats.js';
import { type SendfileSettings, sendfileSettings } from './sendfile-settings.js';
import { setting } from './setting.js';
import { type TlsSettings, tlsSettings } from './tls-settings.js';
import { emptyIsNothing } from './value-format.js';

/** The values of the keys below `http` that say where the registry is, and who answers there. */
export interface HttpSettings {
  readonly addr: ListenAddress | SocketPath;
  readonly net: 'tcp' | 'unix';
  readonly host: string | null;
  readonly prefix: string;
  readonly trustedproxies: readonly string[];
  readonly workers: number | 'auto';
  readonly sendfile: SendfileSettings;
  readonly tls: TlsSettings;
}

/** The keys below `http` that say where the registry is, and who answers there. */
export const httpSettings: Schema<HttpSettings> = {
  addr: setting<ListenAddress | SocketPath>(
    httpFormats.place,
    { host: '127.0.0.1', port: 5000 },
    'Where it listens. `:5000` is port 5000 of every interface, port 0 one that the system chooses. With `net: unix` it is the path of a socket.',
  ),
  net: setting<'tcp' | 'unix'>(formats.oneOf('tcp', 'unix'), 'tcp', 'The kind of socket.'),
  host: setting<string | null>(
    emptyIsNothing(httpFormats.baseUrl),
    null,
    'What URLs in answers begin with: scheme and host as clients know them, and the path in front of `v2/` if there is one. `prefix` is not added to it.',
    { otherwise: 'none: URLs in answers have no host', example: 'https://registry.example.com' },
  ),
  prefix: setting(
    emptyIsNothing(httpFormats.prefix),
    '/',
    'What all paths begin with: with `/registry/` the protocol begins at `/registry/v2/`.',
  ),
  trustedproxies: setting<readonly string[]>(
    httpFormats.proxies,
    [],
    'Proxies whose `X-Forwarded-For` names the client, in the access log and where failed logins are counted: addresses, networks, and `unix` for whoever connects by the socket of `net: unix`. The reference registry has no such key.',
    { example: '[10.0.0.0/8,unix]' },
  ),
  workers: setting<number | 'auto'>(
    httpFormats.workers,
    1,
    'How many processes answer requests on the one address. `auto` is half of the cores, at most 8, and one on a machine of two. Pulls gain from each of them, pushes do not: they share one writer (docs/operations.md). Storage in memory, a trial, and a database on a network disk have one. The reference registry has no such key.',
  ),
  sendfile: sendfileSettings,
  tls: tlsSettings,
};
