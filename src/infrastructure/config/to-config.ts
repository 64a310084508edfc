import type { Config } from './config.js';
import type { Settings } from './schema.js';

/** The configuration as the rest of the program knows it: plain, frozen, without convict. */
export function toConfig(settings: Settings): Config {
  const { log, storage, metadata, gc, http, health, catalog, tags, validation } = settings;
  const root = storage.filesystem.rootdirectory;
  const config: Config = {
    log: {
      level: log.level,
      formatter: log.formatter ?? undefined,
      fields: Object.fromEntries(log.fields),
      accesslog: log.accesslog,
    },
    storage: {
      driver: root === null ? { kind: 'inmemory' } : { kind: 'filesystem', rootdirectory: root },
      delete: storage.delete,
      redirect: storage.redirect,
      maintenance: storage.maintenance,
    },
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

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}
