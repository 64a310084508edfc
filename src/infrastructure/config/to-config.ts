import type { Config, S3Storage } from './config.js';
import { boundsOf, ignoredBy } from './notification-config.js';
import type { Settings } from './schema.js';

/** The configuration as the rest of the program knows it: plain, frozen, without convict. */
export function toConfig(settings: Settings): Config {
  const { log, storage, auth, metadata, gc, http, health, notifications, catalog, tags, validation } =
    settings;
  const config: Config = {
    log: {
      level: log.level,
      formatter: log.formatter ?? undefined,
      fields: Object.fromEntries(log.fields),
      accesslog: log.accesslog,
    },
    storage: {
      driver: driverOf(storage),
      delete: storage.delete,
      redirect: storage.redirect,
      maintenance: storage.maintenance,
    },
    auth: authOf(auth),
    metadata: { sqlite: { path: metadata.sqlite.path ?? undefined } },
    gc,
    http: {
      addr: http.addr,
      prefix: http.prefix,
      host: http.host ?? undefined,
      trustedproxies: http.trustedproxies,
      workers: http.workers,
      sendfile: sendfileOf(http.sendfile),
      tls: tlsOf(http.tls),
      headers: Object.fromEntries(http.headers),
      draintimeout: http.draintimeout,
      debug:
        http.debug.addr === null ? undefined : { addr: http.debug.addr, prometheus: http.debug.prometheus },
    },
    health,
    notifications: notificationsOf(notifications),
    catalog,
    tags,
    validation,
  };
  return deepFreeze(config);
}

function notificationsOf(written: Settings['notifications']): Config['notifications'] {
  const enabled = written.endpoints.filter(({ disabled }) => !disabled);
  return {
    includeReferences: written.events.includereferences,
    outbox: boundsOf(written),
    endpoints: enabled.map((endpoint) => {
      const { name, url, headers, timeout, threshold, backoff, format } = endpoint;
      return { name, url, headers, timeout, threshold, backoff, format, ignore: ignoredBy(endpoint) };
    }),
  };
}

/** The checks have seen to it that a scheme is whole. */
function authOf({ htpasswd, token }: Settings['auth']): Config['auth'] {
  const { realm: name, path } = htpasswd;
  if (name !== null && path !== null) return { kind: 'htpasswd', realm: name, path };
  const { realm, service, issuer, rootcertbundle, jwks, ...rest } = token;
  if (realm === null || service === null || issuer === null) return undefined;
  const keys = { rootcertbundle: rootcertbundle ?? undefined, jwks: jwks ?? undefined };
  return { kind: 'token', realm, service, issuer, ...keys, ...rest };
}

/** The checks have seen to it that certificate and key are both there, or neither. */
function tlsOf({ certificate, key, ...others }: Settings['http']['tls']): Config['http']['tls'] {
  return certificate === null || key === null ? undefined : { certificate, key, ...others };
}

/** The checks have seen to it that X-Accel-Redirect has its location. */
function sendfileOf({ header, location }: Settings['http']['sendfile']): Config['http']['sendfile'] {
  if (header === 'X-Sendfile') return { header };
  return header === null || location === null ? undefined : { header, location };
}

/** The checks have seen to it that one driver is there, and whole. */
function driverOf({ filesystem, s3 }: Settings['storage']): Config['storage']['driver'] {
  const { bucket, region, v4auth: _v4auth, ...given } = s3;
  if (bucket !== null && region !== null) {
    const set = Object.entries(given).map(([name, value]) => [name, value ?? undefined]);
    const optional = Object.fromEntries(set) as Omit<
      S3Storage,
      'kind' | 'bucket' | 'region' | 'rootdirectory'
    >;
    return { kind: 's3', bucket, region, ...optional, rootdirectory: given.rootdirectory ?? '' };
  }
  const root = filesystem.rootdirectory;
  return root === null ? { kind: 'inmemory' } : { kind: 'filesystem', rootdirectory: root };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}
