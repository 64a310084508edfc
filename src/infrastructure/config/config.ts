export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** An address to listen on. Host undefined: every interface. Port 0: one the system chooses. */
export interface ListenAddress {
  readonly host: string | undefined;
  readonly port: number;
}

/** The keys of `storage.s3`, as S3Client takes them. Sizes in bytes. */
export interface S3Storage {
  readonly kind: 's3';
  readonly bucket: string;
  readonly region: string;
  /** As it was written, with whatever slashes at its ends; keys begin with it. Empty when there is none. */
  readonly rootdirectory: string;
  readonly accesskey: string | undefined;
  readonly secretkey: string | undefined;
  readonly sessiontoken: string | undefined;
  readonly regionendpoint: string | undefined;
  readonly redirectendpoint: string | undefined;
  readonly forcepathstyle: boolean | undefined;
  readonly secure: boolean;
  readonly skipverify: boolean;
  readonly usedualstack: boolean;
  readonly accelerate: boolean;
  readonly useragent: string | undefined;
  /** All but `off`: a line for each request. */
  readonly loglevel:
    | 'off'
    | 'debug'
    | 'debugwithsigning'
    | 'debugwithhttpbody'
    | 'debugwithrequestretries'
    | 'debugwithrequesterrors'
    | 'debugwitheventstreambody';
  readonly encrypt: boolean;
  readonly keyid: string | undefined;
  readonly storageclass: string;
  readonly objectacl: string;
  /** Of an upload, what is sent at once. */
  readonly chunksize: number;
  readonly multipartcopychunksize: number;
  readonly multipartcopymaxconcurrency: number;
  readonly multipartcopythresholdsize: number;
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
