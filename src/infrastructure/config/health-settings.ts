import type { Schema } from 'convict';
import { formats } from './formats.js';
import type { FileCheck, HealthConfig, HttpCheck, TcpCheck } from './health-config.js';
import { healthFormats } from './health-formats.js';
import { listOfMaps } from './list-of-maps.js';
import { mapFormats } from './map-formats.js';
import { setting } from './setting.js';

const INTERVAL = 10_000;
/** The reference registry waits without an end. */
const TIMEOUT = 5_000;

const interval = {
  reads: healthFormats.durationOr(INTERVAL),
  byDefault: INTERVAL,
  doc: 'The time between two looks. The first comes at once.',
};
const threshold = {
  reads: formats.integer(0),
  byDefault: 0,
  doc: 'How many looks must fail one after the other before it counts.',
};
const timeout = {
  reads: healthFormats.durationOr(TIMEOUT),
  byDefault: TIMEOUT,
  doc: 'How long one look may take. 0 is the default.',
};

const files = listOfMaps<FileCheck>('a list of maps, as in [{file: /etc/registry/down}]', {
  file: {
    reads: { ...formats.text, expected: 'a path' },
    byDefault: undefined,
    doc: 'The file. A relative path begins where the program starts.',
  },
  interval,
  threshold,
});

const uris = listOfMaps<HttpCheck>('a list of maps, as in [{uri: http://localhost:8080/up}]', {
  uri: {
    reads: healthFormats.uri,
    byDefault: undefined,
    doc: 'The address. Ten redirects are followed at most.',
  },
  headers: {
    reads: mapFormats.requestHeaders,
    byDefault: new Map<string, readonly string[]>(),
    doc: 'Headers of the request. Their values are shown nowhere.',
  },
  statuscode: { reads: healthFormats.status, byDefault: 200, doc: 'The status that means health.' },
  timeout,
  interval,
  threshold,
});

const addresses = listOfMaps<TcpCheck>('a list of maps, as in [{addr: "localhost:6379"}]', {
  addr: { reads: healthFormats.target, byDefault: undefined, doc: 'What must take a connection.' },
  timeout,
  interval,
  threshold,
});

/** The keys below `health`. */
export const healthSettings: Schema<HealthConfig> = {
  storagedriver: {
    enabled: setting(
      formats.boolean,
      false,
      'Checks the storage regularly; while it fails, requests are answered 503.',
    ),
    interval: setting(formats.duration(1), INTERVAL, 'The time between two checks. The first comes at once.'),
    threshold: setting(
      formats.integer(0),
      0,
      'How many checks must fail one after the other before it counts.',
    ),
  },
  file: setting<HealthConfig['file']>(
    files,
    [],
    'Files that make the registry unhealthy as long as they are there: requests are then answered 503.',
    { field: 'filecheckers', example: '[{file: /etc/registry/down, interval: 5s}]' },
  ),
  http: setting<HealthConfig['http']>(
    uris,
    [],
    'Services that must answer HEAD with the right status; while one does not, requests are answered 503.',
    { field: 'httpcheckers', example: '[{uri: "http://localhost:8080/up", threshold: 3}]' },
  ),
  tcp: setting<HealthConfig['tcp']>(
    addresses,
    [],
    'Services that must take connections; while one does not, requests are answered 503.',
    { field: 'tcpcheckers', example: '[{addr: "localhost:6379", timeout: 1s, threshold: 3}]' },
  ),
};
