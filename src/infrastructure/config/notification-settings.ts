import type { Schema } from 'convict';
import { EVENT_FORMATS } from '../../application/ports/messaging/notification-settings.js';
import { formats, LONGEST_OF_GO } from './formats.js';
import { healthFormats } from './health-formats.js';
import { listOfMaps } from './list-of-maps.js';
import { mapFormats } from './map-formats.js';
import type { NotificationConfig, WrittenEndpoint } from './notification-config.js';
import { notificationFormats } from './notification-formats.js';
import { setting } from './setting.js';

const ONE_SECOND = 1_000;
const THRESHOLD = 10;

const endpoints = listOfMaps<WrittenEndpoint>(
  'a list of maps, as in [{name: alerts, url: "https://alerts.example.com/registry"}]',
  {
    name: {
      reads: notificationFormats.name,
      byDefault: undefined,
      doc: 'By it the endpoint is known in metrics, in the log and to `stowage notifications`. One with a new name gets what comes from then on.',
    },
    disabled: { reads: formats.boolean, byDefault: false, doc: 'Leaves the endpoint out.' },
    url: {
      reads: notificationFormats.url,
      byDefault: '',
      doc: 'Where each event is posted. Ten redirects are followed at most. It must be given unless `disabled` is true.',
    },
    headers: {
      reads: mapFormats.requestHeaders,
      byDefault: new Map<string, readonly string[]>(),
      doc: 'Headers that are added to each request. Their values are shown nowhere.',
    },
    timeout: {
      reads: healthFormats.durationOr(ONE_SECOND),
      byDefault: ONE_SECOND,
      doc: 'How long one attempt may take. 0 is the default.',
    },
    threshold: {
      reads: notificationFormats.countOr(THRESHOLD),
      byDefault: THRESHOLD,
      doc: 'So many failures one after the other are followed by the next attempt at once. 0 or less is the default.',
    },
    backoff: {
      reads: healthFormats.durationOr(ONE_SECOND),
      byDefault: ONE_SECOND,
      doc: 'After more failures than that, the time from one attempt to the next. 0 is the default.',
    },
    ignoredmediatypes: {
      reads: notificationFormats.mediaTypes,
      byDefault: [],
      doc: 'The old name of `ignore.mediatypes`.',
    },
    ignore: {
      reads: notificationFormats.ignore,
      byDefault: { mediatypes: [], actions: [] },
      doc: 'Events that the endpoint does not get: those of these media types, and those of these actions.',
    },
    format: {
      reads: formats.oneOf(...EVENT_FORMATS),
      byDefault: 'distribution',
      doc: 'How events are written: in the envelope of the reference registry, or as CloudEvents 1.0 (structured mode, JSON). The reference registry has no such key.',
    },
  },
);

/** The keys below `notifications`. */
export const notificationSettings: Schema<NotificationConfig> = {
  events: {
    includereferences: setting(
      formats.boolean,
      false,
      'Lets events of manifests list what these reference: config and layers, or the manifests of an index.',
    ),
  },
  outbox: {
    maxevents: setting(
      formats.integer(1),
      1_000_000,
      'Events that are kept for endpoints which do not take them; about a kilobyte each. The oldest are dropped, counted and logged. The reference registry has no such key: it keeps them in memory, without a bound.',
    ),
    maxage: setting(
      formats.duration(1, LONGEST_OF_GO),
      604_800_000,
      'How long an event is kept for them. The reference registry has no such key.',
    ),
  },
  endpoints: setting<NotificationConfig['endpoints']>(
    endpoints,
    [],
    'Who is told of pushes, pulls, mounts and deletes, by one POST for each event.',
    {
      example:
        '[{name: alerts, url: "https://alerts.example.com/registry", headers: {Authorization: [Bearer …]}, ignore: {actions: [pull]}}]',
    },
  ),
};
