import type { Collected } from './collect-settings.js';
import { placeOf } from './source-node.js';

const HEADER = 'http.sendfile.header';
const LOCATION = 'http.sendfile.location';
const PROXIES = 'http.trustedproxies';

/** What the keys below `http.sendfile` cannot say of themselves. */
export function sendfileProblems({ values, drivers, problems }: Collected): string[] {
  const header = values.get(HEADER);
  if (header === undefined) return [];
  const lacks = (key: string) =>
    values.get(key) === undefined && !problems.some((problem) => problem.startsWith(`${key} (`));
  const proxies = values.get(PROXIES)?.value;
  const trustsNobody = Array.isArray(proxies) ? proxies.length === 0 : lacks(PROXIES);
  const place = placeOf(header.origin);
  const found: string[] = [];
  const other = [...drivers.keys()].find((name) => name !== 'filesystem');
  if (other !== undefined)
    found.push(
      `${HEADER} (${place}) needs storage.filesystem: with storage.${other} there are no files that a proxy could send.`,
    );
  if (trustsNobody)
    found.push(`${HEADER} (${place}) is useless without ${PROXIES}: name the proxy that shall send files.`);
  if (header.value === 'X-Accel-Redirect' && lacks(LOCATION)) {
    found.push(
      `${LOCATION} is missing: with ${HEADER}: X-Accel-Redirect (${place}) it names the internal location of nginx that has the registry's folder.`,
    );
  }
  return found;
}

/** What works, but not as it looks. */
export function sendfileWarnings({ values }: Collected): string[] {
  const location = values.get(LOCATION);
  const header = values.get(HEADER)?.value;
  if (location === undefined || header === 'X-Accel-Redirect') return [];
  const why =
    header === undefined ? `without ${HEADER}` : `with ${HEADER}: X-Sendfile, which has the paths of files`;
  return [`${LOCATION} (${placeOf(location.origin)}) does nothing ${why}.`];
}
