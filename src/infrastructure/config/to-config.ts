import type { Config, S3Storage } from './config.js';
import type { Settings } from './schema.js';

/** The configuration as the rest of the program knows it: plain, frozen, without convict. */
export function toConfig(settings: Settings): Config {
  const { log, storage, auth, metadata, gc, http, health, catalog, tags, validation } = settings;
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
      headers: Object.fromEntries(http.headers),
      draintimeout: http.draintimeout,
      debug:
        http.debug.addr === null ? undefined : { addr: http.debug.addr, prometheus: http.debug.prometheus },
    },
    health,
    catalog,
    tags,
    validation,
  };
  return deepFreeze(config);
}

/** The checks have seen to it that a scheme is whole. */
function authOf({ htpasswd: { realm, path } }: Settings['auth']): Config['auth'] {
  return realm === null || path === null ? undefined : { kind: 'htpasswd', realm, path };
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
