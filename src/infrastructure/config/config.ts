import type { S3ClientOptions } from '../storage/drivers/s3/client/client-options.js';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** An address to listen on. Host undefined: every interface. Port 0: one the system chooses. */
export interface ListenAddress {
  readonly host: string | undefined;
  readonly port: number;
}

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
  readonly auth: HtpasswdAuth | undefined;
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
    readonly addr: ListenAddress;
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
  readonly health: {
    readonly storagedriver: {
      readonly enabled: boolean;
      readonly interval: number;
      readonly threshold: number;
    };
  };
  readonly catalog: { readonly maxentries: number };
  readonly tags: { readonly maxtags: number };
  readonly validation: {
    /** Accept manifests whose references are missing. */
    readonly sparse: boolean;
  };
}
