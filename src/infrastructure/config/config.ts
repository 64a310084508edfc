import type { S3ClientOptions } from '../storage/drivers/s3/client/client-options.js';
import type { TokenOptions } from '../security/token/token-options.js';
import type { NotificationSettings } from '../../application/ports/messaging/notification-settings.js';
import type { HealthConfig } from './health-config.js';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** An address to listen on. Host undefined: every interface. Port 0: one the system chooses. */
export interface ListenAddress {
  readonly host: string | undefined;
  readonly port: number;
}

/** A socket file to listen on. The path is absolute. */
export interface SocketPath {
  readonly path: string;
}

/** What is asked of the certificate of a client. All but the last let clients in that have none that is trusted. */
export type ClientAuth =
  | 'request-client-cert'
  | 'require-any-client-cert'
  | 'verify-client-cert-if-given'
  | 'require-and-verify-client-cert';

/** The keys of `http.tls`. Paths are absolute. */
export interface TlsConfig {
  /** The server's own certificate first, then those that lead to its CA. */
  readonly certificate: string;
  readonly key: string;
  /** Files of the CAs whose clients are let in. None: clients are not asked for certificates. */
  readonly clientcas: readonly string[];
  readonly clientauth: ClientAuth;
  readonly minimumtls: 'tls1.2' | 'tls1.3';
  /** Those of TLS 1.2 that are offered, by their names in Go. None: the default. */
  readonly ciphersuites: readonly string[];
}

/** The keys of `http.sendfile`. */
export type Sendfile =
  | {
      readonly header: 'X-Accel-Redirect';
      /** With a slash at both ends. */
      readonly location: string;
    }
  | { readonly header: 'X-Sendfile' };

/** The keys of `storage.s3`: what the client takes, and what else the driver is made with. */
export interface S3Storage extends S3ClientOptions {
  readonly kind: 's3';
  /** All but `off`: a line for each request. */
  readonly loglevel:
    | 'off'
    | 'debug'
    | 'debugwithsigning'
    | 'debugwithhttpbody'
    | 'debugwithrequestretries'
    | 'debugwithrequesterrors'
    | 'debugwitheventstreambody';
  /** Bytes of an upload that are sent at once. */
  readonly chunksize: number;
}

/** An external server signs tokens. */
export interface TokenAuth extends TokenOptions {
  readonly kind: 'token';
}

/** How users sign in. */
export interface HtpasswdAuth {
  readonly kind: 'htpasswd';
  /** What users are told that they sign in to. */
  readonly realm: string;
  /** The file of users, absolute. */
  readonly path: string;
}

/** The configuration, whole and checked: frozen, every default filled in. Times are in milliseconds. */
export interface Config {
  readonly log: {
    readonly level: LogLevel;
    /** Undefined: text on a terminal, JSON otherwise. */
    readonly formatter: 'text' | 'json' | 'logstash' | undefined;
    /** Fields that stand on every line. */
    readonly fields: Readonly<Record<string, unknown>>;
    readonly accesslog: { readonly disabled: boolean };
  };
  readonly storage: {
    readonly driver:
      | { readonly kind: 'filesystem'; readonly rootdirectory: string }
      | { readonly kind: 'inmemory' }
      | S3Storage;
    readonly delete: { readonly enabled: boolean };
    readonly redirect: {
      /** Whether clients always get the bytes of blobs from the registry itself. */
      readonly disable: boolean;
      /** Beginnings of user agents that do in any case. */
      readonly except: readonly string[];
    };
    readonly maintenance: {
      readonly readonly: { readonly enabled: boolean };
      /** Ends uploads to which nothing was written for `age`. */
      readonly uploadpurging: {
        readonly enabled: boolean;
        readonly age: number;
        readonly interval: number;
        readonly dryrun: boolean;
      };
    };
  };
  /** Undefined: nobody has to sign in. */
  readonly auth: TokenAuth | HtpasswdAuth | undefined;
  readonly metadata: {
    /**
     * Absolute; `<rootdirectory>/stowage/metadata.db` by default with the filesystem driver, always given with s3.
     * Undefined with the inmemory driver: in memory.
     */
    readonly sqlite: { readonly path: string | undefined };
  };
  readonly gc: {
    /** Whether the registry removes content that nothing references while it serves. */
    readonly enabled: boolean;
    /** From one look at what is due to the next. */
    readonly interval: number;
    /** How long content is kept that nothing references. */
    readonly grace: number;
    /** Rows that are looked at between two pauses. */
    readonly batch: number;
    readonly pause: number;
    /** Whether manifests that no tag reaches count as unreferenced. */
    readonly untagged: { readonly enabled: boolean };
  };
  readonly http: {
    readonly addr: ListenAddress | SocketPath;
    /** What every path begins with, with a slash at both ends. */
    readonly prefix: string;
    /** What URLs in answers begin with, up to the slash before `v2/`. Undefined: they have no host. */
    readonly host: string | undefined;
    /** Whose `X-Forwarded-For` counts: addresses, networks as `10.0.0.0/8`, and `unix` for whoever uses the socket. */
    readonly trustedproxies: readonly string[];
    /** Processes that answer; `auto`: as many as suit the machine. */
    readonly workers: number | 'auto';
    /** How trusted proxies are told to send files themselves. Undefined: they are not. */
    readonly sendfile: Sendfile | undefined;
    readonly tls: TlsConfig | undefined;
    /** Added to every answer: canonical name to values. */
    readonly headers: Readonly<Record<string, readonly string[]>>;
    /** How long a stop waits for requests in flight. */
    readonly draintimeout: number;
    readonly debug:
      | {
          readonly addr: ListenAddress;
          readonly prometheus: { readonly enabled: boolean; readonly path: string };
        }
      | undefined;
  };
  readonly health: HealthConfig;
  /** Endpoints that are switched off are left out. */
  readonly notifications: NotificationSettings;
  readonly catalog: { readonly maxentries: number };
  readonly tags: { readonly maxtags: number };
  readonly validation: {
    /** Accept manifests whose references are missing. */
    readonly sparse: boolean;
  };
}
