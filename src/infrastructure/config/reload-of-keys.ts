import { isDeepStrictEqual } from 'node:util';
import type { Settings } from './schema.js';

/** Keys, and sections of them, whose change a running registry takes at once. */
const AT_ONCE: readonly string[] = [
  'log.level',
  'log.fields',
  'log.accesslog',
  'loglevel',
  'storage.delete',
  'storage.redirect',
  'storage.maintenance',
  'auth',
  'gc.enabled',
  'gc.interval',
  'gc.batch',
  'gc.pause',
  'gc.untagged',
  'http.host',
  'http.trustedproxies',
  'http.sendfile',
  'http.tls',
  'http.headers',
  'http.draintimeout',
  'health',
  'notifications',
  'catalog',
  'tags',
  'validation',
];

/** Those that are in force from one start to the next: what is open, or was promised, hangs on them. */
const RESTART: readonly string[] = [
  'version',
  'log.formatter',
  'storage.filesystem',
  'storage.s3',
  'storage.inmemory',
  'metadata',
  'gc.grace',
  'http.addr',
  'http.net',
  'http.prefix',
  'http.workers',
  'http.tls.clientauth',
  'http.debug',
];

type Change = (before: Settings, after: Settings) => boolean;

/** Changes of keys that are taken at once otherwise. */
const EXCEPTIONS: Readonly<Record<string, { readonly what: string; readonly is: Change }>> = {
  // What protects the registry instead, as another address or certificates of clients, may wait for the restart itself.
  auth: {
    what: 'letting everybody in',
    is: (before, after) => asksWhoItIs(before) && !asksWhoItIs(after),
  },
  'http.tls': {
    what: 'switching TLS on or off',
    is: differIn(({ http: { tls } }) => tls.certificate === null),
  },
  'http.tls.clientcas': {
    what: 'adding the first file or removing the last one',
    is: differIn(({ http: { tls } }) => tls.clientcas.length === 0),
  },
};

/** What a change of a key needs. @throws Error for a key of which nobody has decided it */
export function reloadOf(key: string): 'at once' | 'restart' {
  const [atOnce, restart] = [AT_ONCE, RESTART].map((list) => longestOf(key, list));
  if (atOnce === restart) throw new Error(`whether ${key} can change while running is not said`);
  return (atOnce ?? 0) > (restart ?? 0) ? 'at once' : 'restart';
}

/** The same for people, with what is excepted. */
export function describeReload(key: string): string {
  if (reloadOf(key) === 'restart') return 'needs a restart';
  const [exception] = exceptionsOf(key).toReversed();
  return exception === undefined ? 'at once' : `at once; ${exception.what} needs a restart`;
}

/** Whether this change of a key waits for a restart. */
export function needsRestart(key: string, before: Settings, after: Settings): boolean {
  return reloadOf(key) === 'restart' || exceptionsOf(key).some(({ is }) => is(before, after));
}

function exceptionsOf(key: string) {
  return Object.entries(EXCEPTIONS).flatMap(([section, exception]) =>
    isIn(key, section) ? [exception] : [],
  );
}

function longestOf(key: string, sections: readonly string[]): number {
  return Math.max(0, ...sections.filter((section) => isIn(key, section)).map(({ length }) => length));
}

function isIn(key: string, section: string): boolean {
  return key === section || key.startsWith(`${section}.`);
}

function asksWhoItIs({ auth: { htpasswd, token } }: Settings): boolean {
  return htpasswd.realm !== null || token.realm !== null;
}

function differIn(what: (settings: Settings) => unknown): Change {
  return (before, after) => !isDeepStrictEqual(what(before), what(after));
}
