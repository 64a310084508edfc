import type { Clock } from '../application/ports/system/clock.js';
import { allRight } from '../application/services/all-right.js';
import type { Config } from '../infrastructure/config/config.js';
import { namedByConfiguration } from '../infrastructure/security/htpasswd/named-by-configuration.js';
import { readHtpasswd } from '../infrastructure/security/htpasswd/read-htpasswd.js';
import { readEachKeyFile } from '../infrastructure/security/token/token-keys.js';
import { readEachTlsFile, readTlsFiles } from '../infrastructure/tls/read-tls-files.js';

/** Sentences for what works but should not stay so. */
type Doubts = readonly string[];

/**
 * Reads the files that a configuration names, each by itself and those that belong together as a whole. Addresses are not
 * asked.
 * @throws ConfigurationError with everything that is wrong
 */
export async function checkNamedFiles(
  clock: Clock,
  { auth, http: { tls } }: Config,
  place: (key: string) => string,
): Promise<Doubts> {
  const works: Promise<Doubts>[] = [];
  if (tls !== undefined) {
    works.push(...readEachTlsFile(tls).map(withoutDoubts));
    works.push(readTlsFiles(tls).then(({ validUntil }) => doubtsOfValidity(validUntil, clock, place)));
  }
  if (auth?.kind === 'htpasswd') works.push(checkHtpasswd(auth.path));
  if (auth?.kind === 'token') works.push(...readEachKeyFile(auth).map(withoutDoubts));
  return (await allRight(works, place)).flat();
}

async function withoutDoubts(work: Promise<unknown>): Promise<Doubts> {
  await work;
  return [];
}

function doubtsOfValidity(until: Date, clock: Clock, place: (key: string) => string): Doubts {
  if (until.getTime() > clock.now()) return [];
  const key = 'http.tls.certificate';
  return [`${key} (${place(key)}) has expired on ${until.toISOString()}: clients will refuse it.`];
}

async function checkHtpasswd(path: string): Promise<Doubts> {
  const { doubts } = await namedByConfiguration(readHtpasswd(path));
  return doubts.map(({ sentence }) => `${path}, ${sentence}`);
}
