import { demandsCertificates, httpProblems, httpWarnings } from './check-http.js';
import { healthProblems } from './check-health.js';
import { notificationProblems } from './check-notifications.js';
import { s3Problems, s3Warnings } from './check-s3.js';
import { sendfileProblems, sendfileWarnings } from './check-sendfile.js';
import { authProblems, isAuthenticated } from './check-auth.js';
import { tokenProblems, tokenWarnings } from './check-token.js';
import type { Collected } from './collect-settings.js';
import type { ListenAddress, SocketPath } from './config.js';
import { formatGoDuration } from './go-duration.js';
import { formatListenPlace, isLoopback } from './listen-address.js';
import { placeOf } from './source-node.js';

const PURGING = 'storage.maintenance.uploadpurging';
/** Clients pause for minutes between two requests of an upload, when a layer is large or a network bad. */
const HOUR = 3_600_000;
/** Paths of the debug address that are taken. */
const DEBUG_PATHS = new Set(['/debug/health', '/livez', '/readyz']);
const OURS = new Set(['filesystem', 's3', 'inmemory']);

/** What no key can say of itself: problems of values that do not go together, and what is missing. */
export function problemsTogether(collected: Collected, file: string | undefined): string[] {
  const problems: string[] = [];
  if (file !== undefined && !hasAny(collected, 'version')) {
    problems.push(`version is missing in ${file}: its first line must be version: 0.1.`);
  }
  problems.push(...storageProblems(collected, file), ...authProblems(collected), ...s3Problems(collected));
  problems.push(...tokenProblems(collected), ...httpProblems(collected), ...healthProblems(collected));
  problems.push(...debugProblems(collected), ...notificationProblems(collected));
  problems.push(...sendfileProblems(collected));
  const { values, drivers } = collected;
  const path = values.get('metadata.sqlite.path');
  if (path && drivers.has('inmemory')) {
    problems.push(
      `metadata.sqlite.path (${placeOf(path.origin)}) cannot be set with storage.inmemory: names would outlive the content.`,
    );
  }
  const workers = values.get('http.workers');
  if (typeof workers?.value === 'number' && workers.value > 1 && drivers.has('inmemory')) {
    problems.push(
      `http.workers (${placeOf(workers.origin)}) cannot be ${workers.value} with storage.inmemory: processes do not share their memory.`,
    );
  }
  return problems;
}

function hasAny({ values, problems }: Collected, key: string): boolean {
  return values.has(key) || problems.some((problem) => problem.startsWith(`${key} (`));
}

function storageProblems({ drivers, problems }: Collected, file: string | undefined): string[] {
  const names = [...drivers].map(([name, origin]) => `${name} (${placeOf(origin)})`);
  if (names.length > 1 && [...drivers.keys()].every((name) => OURS.has(name))) {
    const hint = 'Keep one: REGISTRY_STORAGE=<driver> replaces the whole section of a file.';
    return [`storage has more than one driver: ${names.join(' and ')}. ${hint}`];
  }
  if (names.length > 0 || file === undefined || problems.some((problem) => problem.startsWith('storage')))
    return [];
  return [
    `no storage configuration provided in ${file}: add storage: {filesystem: {rootdirectory: /path}}, or give --root /path.`,
  ];
}

function debugProblems({ values }: Collected): string[] {
  const metrics = values.get('http.debug.prometheus.path');
  if (metrics === undefined || !DEBUG_PATHS.has(String(metrics.value))) return [];
  return [
    `http.debug.prometheus.path (${placeOf(metrics.origin)}) is ${String(metrics.value)}, where something else is served: write /metrics.`,
  ];
}

/** What works, but should not stay so. `addr` is where it will listen. */
export function warningsTogether(collected: Collected, addr: ListenAddress | SocketPath): string[] {
  const { values } = collected;
  const warnings: string[] = [];
  if (!isLoopback(addr) && !isAuthenticated(collected) && !demandsCertificates(collected)) {
    const written = values.get('http.addr');
    const place = written ? ` (${placeOf(written.origin)})` : '';
    warnings.push(
      `http.addr${place} is ${formatListenPlace(addr)}: other machines can reach it, and nobody has to sign ` +
        'in (auth is not set), so all of them may push, pull and delete.',
    );
  }
  const oldLevel = values.get('loglevel');
  if (oldLevel)
    warnings.push(`loglevel (${placeOf(oldLevel.origin)}) is the old name of log.level: use that.`);
  warnings.push(...shortAge(values), ...s3Warnings(collected), ...tokenWarnings(collected));
  warnings.push(...httpWarnings(collected), ...sendfileWarnings(collected));
  warnings.push(...unfilled(values));
  const metrics = values.get('http.debug.prometheus.enabled');
  if (metrics?.value === true && !values.has('http.debug.addr')) {
    warnings.push(
      `http.debug.prometheus.enabled (${placeOf(metrics.origin)}) does nothing without http.debug.addr, where metrics are served.`,
    );
  }
  return warnings;
}

/** What a shell or a template would have filled in; values are read as they are. */
function unfilled(values: Collected['values']): string[] {
  return [...values].flatMap(([key, { value, origin }]) => {
    if (origin.kind === 'default' || typeof value !== 'string' || !/\$\{\w+\}/.test(value)) return [];
    return [`${key} (${placeOf(origin)}) has a variable in \${…}, which nobody fills in here.`];
  });
}

function shortAge(values: Collected['values']): string[] {
  const age = values.get(`${PURGING}.age`);
  const isOff = values.get(`${PURGING}.enabled`)?.value === false;
  if (age === undefined || isOff || Number(age.value) >= HOUR) return [];
  return [
    `${PURGING}.age (${placeOf(age.origin)}) is ${formatGoDuration(Number(age.value))}: an upload whose client ` +
      'pauses for longer is ended, and has to begin anew.',
  ];
}
