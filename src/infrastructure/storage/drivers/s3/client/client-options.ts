/**
 * What the client has to know, by the names of the keys below `storage.s3`, so that the configuration's own value fits
 * and every sentence about a fault can name the key.
 */
export interface S3ClientOptions {
  readonly bucket: string;
  /** Of the signature; of the address too where there is no `regionendpoint`. */
  readonly region: string;
  /** `host`, `host:port` or a URL, with a path if need be. Undefined: AWS. */
  readonly regionendpoint: string | undefined;
  /** Scheme and host of the addresses that clients are sent to. Undefined: the store's own. */
  readonly redirectendpoint: string | undefined;
  /** Undefined: with a `regionendpoint`, and where the bucket's name can stand in no host's name. */
  readonly forcepathstyle: boolean | undefined;
  /** Whether an endpoint without a scheme is spoken to by https. */
  readonly secure: boolean;
  /** Takes any certificate. */
  readonly skipverify: boolean;
  readonly usedualstack: boolean;
  readonly accelerate: boolean;

  /** Undefined, with `secretkey`: the chain of the AWS SDK. */
  readonly accesskey: string | undefined;
  readonly secretkey: string | undefined;
  readonly sessiontoken: string | undefined;

  /** Asks for encryption at rest: AES256, or with the key of KMS that is named by `keyid`. */
  readonly encrypt: boolean;
  readonly keyid: string | undefined;
  /** Sent with every new object; `NONE` is not sent. */
  readonly storageclass: string;
  /** Sent with every new object; `private`, which every object is anyway, is not: it would need a right of its own. */
  readonly objectacl: string;

  /** Bytes. */
  readonly multipartcopychunksize: number;
  readonly multipartcopymaxconcurrency: number;
  /** Bytes; a larger object is copied in parts. */
  readonly multipartcopythresholdsize: number;

  readonly useragent: string | undefined;
  /**
   * As it was written, with whatever slashes at its ends; empty when there is none. What `probe` lists lies below it, since
   * a policy may allow no more.
   */
  readonly rootdirectory: string;
}

/** A request that was answered, or was not, as whoever counts or logs requests is told of it. */
export interface RequestTrace {
  readonly method: string;
  /** With its query, but without a signature. */
  readonly target: string;
  /** Undefined when no answer came. */
  readonly status: number | undefined;
  /** From 1. */
  readonly attempt: number;
  readonly sentBytes: number;
  /** Until the head of the answer, ms. */
  readonly elapsed: number;
}

/** What need not be set but by tests. Times in ms. */
export interface ClientTuning {
  readonly connectTimeout: number;
  /** Without a byte in either direction. */
  readonly idleTimeout: number;
  /** The same for copies and completions, over which a store may think. */
  readonly slowTimeout: number;
  /** Connections at once, those not counted over which an object is read. */
  readonly sockets: number;
  readonly attempts: number;
  /** After it a call begins no further attempt. */
  readonly patience: number;
  /** The longest pause before the first repetition; it doubles with each. */
  readonly firstPause: number;
  readonly longestPause: number;
  readonly onRequest: ((trace: RequestTrace) => void) | undefined;
}

export const DEFAULT_TUNING: ClientTuning = {
  connectTimeout: 10_000,
  idleTimeout: 30_000,
  slowTimeout: 120_000,
  sockets: 256,
  attempts: 5,
  patience: 60_000,
  firstPause: 100,
  longestPause: 5_000,
  onRequest: undefined,
};
