import type { Schema } from 'convict';
import type { Config, ListenAddress, LogLevel } from './config.js';
import { formats, LONGEST_OF_GO } from './formats.js';
import { gcSettings } from './gc-settings.js';
import { type HttpSettings, httpSettings } from './http-settings.js';
import { healthSettings } from './health-settings.js';
import { type HtpasswdSettings, htpasswdSettings } from './htpasswd-settings.js';
import { listFormats } from './list-formats.js';
import { mapFormats } from './map-formats.js';
import type { NotificationConfig } from './notification-config.js';
import { notificationSettings } from './notification-settings.js';
import { type S3Settings, s3Settings } from './s3-settings.js';
import { setting } from './setting.js';
import { type TokenSettings, tokenSettings } from './token-settings.js';
import type { ValueFormat } from './value-format.js';

/** The values of all keys, as convict holds them. */
export interface Settings {
  readonly version: string;
  readonly log: {
    readonly level: LogLevel;
    readonly formatter: 'text' | 'json' | 'logstash' | null;
    readonly fields: ReadonlyMap<string, unknown>;
    readonly accesslog: { readonly disabled: boolean };
  };
  readonly loglevel: LogLevel | null;
  readonly storage: {
    readonly filesystem: { readonly rootdirectory: string | null };
    readonly s3: S3Settings;
    readonly inmemory: boolean;
    readonly delete: { readonly enabled: boolean };
    readonly redirect: Config['storage']['redirect'];
    readonly maintenance: Config['storage']['maintenance'];
  };
  readonly auth: { readonly htpasswd: HtpasswdSettings; readonly token: TokenSettings };
  readonly metadata: { readonly sqlite: { readonly path: string | null } };
  readonly gc: Config['gc'];
  readonly http: HttpSettings & {
    readonly headers: ReadonlyMap<string, readonly string[]>;
    readonly draintimeout: number;
    readonly debug: {
      readonly addr: ListenAddress | null;
      readonly prometheus: { readonly enabled: boolean; readonly path: string };
    };
  };
  readonly health: Config['health'];
  readonly notifications: NotificationConfig;
  readonly catalog: Config['catalog'];
  readonly tags: Config['tags'];
  readonly validation: Config['validation'];
}

const level = formats.oneOf<LogLevel>('error', 'warn', 'info', 'debug');
const formatter = formats.oneOf<'text' | 'json' | 'logstash'>('text', 'json', 'logstash');
const path = { ...formats.text, expected: 'a path' };
const route: ValueFormat<string> = {
  ...formats.text,
  expected: 'a path that begins with /',
  holds: (value) => typeof value === 'string' && /^\/[\w./~-]*$/.test(value),
};

/** Every key that means something here, its default and what it does. Order is the order of the documentation. */
export const schema: Schema<Settings> = {
  version: setting(formats.oneOf('0.1'), '0.1', 'The version of the format. A file must have it.'),
  log: {
    level: setting<LogLevel>(level, 'info', 'The least important level that is written.'),
    formatter: setting<Settings['log']['formatter']>(formatter, null, 'How lines are written.', {
      otherwise: 'text on a terminal, json otherwise',
    }),
    fields: setting<Settings['log']['fields']>(
      mapFormats.fields,
      new Map(),
      'Fields that stand on every line.',
      {
        example: '{service: registry, environment: staging}',
      },
    ),
    accesslog: { disabled: setting(formats.boolean, false, 'Writes no line for each request.') },
  },
  loglevel: setting<LogLevel | null>(
    level,
    null,
    'The old name of `log.level`; it counts when that is not set.',
    {
      otherwise: 'not set',
    },
  ),
  storage: {
    filesystem: {
      rootdirectory: setting<string | null>(
        path,
        null,
        'The folder that holds everything. Relative to where the program starts.',
        {
          otherwise:
            '`./data` without any configuration; `/var/lib/registry` when `filesystem` is named without it',
          example: '/var/lib/registry',
        },
      ),
    },
    s3: s3Settings,
    inmemory: setting(
      formats.presence,
      false,
      'Keeps everything in memory, and loses it at the end. `storage: inmemory` is the short form.',
      {
        otherwise: 'not set',
        example: '{}',
      },
    ),
    delete: {
      enabled: setting(formats.boolean, false, 'Lets clients delete tags, manifests and blobs.', {
        otherwise: '`false`; `true` without a configuration file',
      }),
    },
    redirect: {
      disable: setting(
        formats.boolean,
        false,
        'Gives the bytes of blobs itself. Otherwise clients are sent to the storage for them (307, an address that is good for 20 minutes), where it has addresses: S3 does.',
      ),
      except: setting<readonly string[]>(
        listFormats.userAgents,
        [],
        'Clients that get the bytes from the registry all the same, because they cannot follow: how their `User-Agent` begins. Letter case does not count.',
        { example: '[curl/, my-client/1.]' },
      ),
    },
    maintenance: {
      readonly: {
        enabled: setting(formats.boolean, false, 'Refuses pushes and deletes with 405; pulls go on.'),
      },
      uploadpurging: {
        enabled: setting(
          formats.boolean,
          true,
          'Ends uploads that nobody goes on with, and removes what they have left.',
        ),
        age: setting(
          formats.duration(0, LONGEST_OF_GO),
          604_800_000,
          'An upload is ended when nothing was written to it for so long. A request that is still sending keeps it.',
        ),
        interval: setting(
          formats.duration(1, LONGEST_OF_GO),
          86_400_000,
          'The time between two looks; at most 24 days are waited. The first comes five minutes after the start, or sooner if this is shorter.',
        ),
        dryrun: setting(formats.boolean, false, 'Only says in the log what would be ended.'),
      },
    },
  },
  auth: { htpasswd: htpasswdSettings, token: tokenSettings },
  metadata: {
    sqlite: {
      path: setting<string | null>(
        path,
        null,
        'The database of names. On a network file system only one process can use it.',
        {
          otherwise:
            '`stowage/metadata.db` in the root directory; none with `storage.s3`, which has no folder: it must be set',
          example: '/var/lib/stowage/metadata.db',
        },
      ),
    },
  },
  gc: gcSettings,
  http: {
    ...httpSettings,
    headers: setting<Settings['http']['headers']>(
      mapFormats.headers,
      new Map(),
      'Headers that every answer carries.',
      {
        example: '{X-Content-Type-Options: [nosniff]}',
      },
    ),
    draintimeout: setting(
      formats.duration(0),
      10_000,
      'How long a stop waits for requests in flight. 0 does not wait.',
    ),
    debug: {
      addr: setting<ListenAddress | null>(
        formats.address,
        null,
        'Where `/debug/health`, `/livez`, `/readyz` and the metrics are served, to whoever can reach it.',
        { otherwise: 'not served', example: '127.0.0.1:5001' },
      ),
      prometheus: {
        enabled: setting(formats.boolean, false, 'Serves metrics for Prometheus on the debug address.'),
        path: setting(route, '/metrics', 'Where the metrics are.'),
      },
    },
  },
  health: healthSettings,
  notifications: notificationSettings,
  catalog: {
    maxentries: setting(formats.integer(), 1000, 'The longest page of the catalog. 0 or less is 1000.'),
  },
  tags: {
    maxtags: setting(formats.integer(0), 1000, 'The longest page of tags that `n` can ask for. 0 is 1000.'),
  },
  validation: {
    sparse: setting(formats.boolean, false, 'Accepts manifests whose blobs or manifests are not there.'),
  },
};
