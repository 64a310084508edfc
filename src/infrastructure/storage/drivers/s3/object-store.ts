/** An object as the store tells of it. */
export interface StoredObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** When it was written, ms of Unix time on the store's clock; many stores know whole seconds only. */
  readonly modifiedAt: number;
  /** Without quotes. The MD5 of the content, in hex, where it was put in one request and not encrypted with a key of KMS. */
  readonly etag: string;
  /** What it was put with; `head` alone tells it. */
  readonly note?: string;
}

/** The content of an object on its way. Whoever gets it reads it to its end or ends it. */
export interface ObjectBody {
  /** Bytes of the whole object, whatever part of it comes. */
  readonly size: number;
  readonly etag: string;
  /**
   * Fills `buffer` and resolves with the bytes it got; fewer than asked only at the end. Rejects with StorageFault when
   * the connection is cut or idle too long, or when fewer bytes come than were announced.
   */
  read(buffer: Uint8Array): Promise<number>;
  /** Ends it; the connection is kept only if everything was read, and it was not large. */
  close(): void;
}

export interface ListRequest {
  /** Begins every key. */
  readonly prefix: string;
  /** Keys that go on behind the prefix with this sign are told once, up to it. */
  readonly delimiter?: '/';
  /** Keys strictly behind this one, in byte order. */
  readonly after?: string;
  /** Keys and prefixes at most in all pages together. */
  readonly most?: number;
}

export interface ListPage {
  readonly objects: readonly StoredObject[];
  /** With their delimiter at the end. */
  readonly prefixes: readonly string[];
}

/** Bytes from `start` (inclusive) to `end` (exclusive; undefined: to the end of the object). */
export interface ObjectRange {
  readonly start: number;
  readonly end?: number;
}

export interface PutAnswer {
  /** Of the object that was put. */
  readonly etag: string;
  /** When the store answered, ms of Unix time on its clock. */
  readonly now: number;
}

export interface UploadedPart {
  /** 1 to 10,000. */
  readonly number: number;
  readonly etag: string;
}

export interface OpenMultipart {
  readonly key: string;
  readonly uploadId: string;
  /** ms of Unix time on the store's clock. */
  readonly startedAt: number;
}

/** What became of a removal that the store itself refuses from a moment on. */
export type ExpiringOutcome = 'gone' | 'expired' | 'unsure';

/**
 * What Stowage asks of a server that speaks S3. Keys are whole keys of the bucket. Faults are thrown as StorageFault;
 * what is not there is `undefined` or `false`. Each call but those that say otherwise is tried again, with growing pauses
 * and within a budget, when the store answers 5xx, 429 or SlowDown, or not at all.
 */
export interface ObjectStore {
  /** Undefined when there is no such object. */
  head(key: string): Promise<StoredObject | undefined>;

  /**
   * The beginning is tried again, what comes afterwards not. A range that begins at the end or behind it is a
   * StorageFault.
   * @param ifMatch an ETag: another object is a StorageFault
   */
  get(key: string, range?: ObjectRange, ifMatch?: string): Promise<ObjectBody | undefined>;

  /**
   * Puts an object whole. When it resolves nothing holds on to the content any more.
   * @param note is kept with the object, as x-amz-meta-stowage: letters and digits
   */
  put(key: string, content: readonly Uint8Array[], note?: string): Promise<PutAnswer>;

  /**
   * Copies an object of any size inside the bucket; false when there is none at `from`.
   * @param ifMatch an ETag: another object at `from` counts as none
   * @param size bytes at `from`, where they are known: it saves a request
   */
  copy(from: string, to: string, ifMatch?: string, size?: number): Promise<boolean>;

  /** No fault when nothing is there. */
  delete(key: string): Promise<void>;

  /** Any number of keys, 1,000 in one request. Rejects when one of them could not be removed. */
  deleteAll(keys: readonly string[]): Promise<void>;

  /** Pages of at most 1,000, each read when it is asked for. */
  list(request: ListRequest): AsyncIterable<ListPage>;

  createMultipart(key: string): Promise<string>;
  /** At least 5 MiB, but for the last part. */
  uploadPart(
    key: string,
    uploadId: string,
    number: number,
    content: readonly Uint8Array[],
  ): Promise<UploadedPart>;
  /**
   * At least 5 MiB and at most 5 GiB. Rejects with StorageFault when there is no object at `from`.
   * @param ifMatch an ETag: another object at `from` is a StorageFault
   */
  copyPart(
    key: string,
    uploadId: string,
    number: number,
    from: string,
    range?: ObjectRange,
    ifMatch?: string,
  ): Promise<UploadedPart>;
  /** A repetition whose first answer was lost finds the upload gone and the object there: that counts as done. */
  completeMultipart(key: string, uploadId: string, parts: readonly UploadedPart[]): Promise<void>;
  abortMultipart(key: string, uploadId: string): Promise<void>;
  /** Those whose keys begin with the prefix. */
  openMultiparts(prefix: string): AsyncIterable<OpenMultipart>;

  /** An address under which anybody may get the object for so many seconds. */
  addressOf(key: string, seconds: number): Promise<string>;

  /**
   * Removes an object by a request that the store refuses from `until` on (ms of Unix time on the store's clock). Sent
   * once, on a connection of its own, and never again, whatever happens: `unsure` when no answer came, or one that tells
   * nothing. Rejects with StorageFault of the kind `denied` when it was refused before `until`: the object is as it was.
   */
  deleteUntil(key: string, until: number): Promise<ExpiringOutcome>;

  /** The time on the store's clock, ms; what it is asked for is one small request. */
  now(): Promise<number>;

  /**
   * Resolves when the bucket answers and lets itself be listed. Rejects with StorageFault and one sentence that names the
   * key of the configuration to change: unknown access key, wrong secret key, no such bucket, another region, a clock that
   * is wrong, a certificate that is not trusted, a host that is not found or refuses.
   */
  probe(): Promise<void>;

  /** Ends idle connections; calls in flight go on. */
  close(): Promise<void>;
}
