/** One answered request. */
export interface AccessRecord {
  readonly requestId: string;
  readonly method: string;
  /** As sent, without the values of its query, which may hold tokens. */
  readonly path: string;
  /** 499 when the client left before its answer was whole, as proxies count it. */
  readonly status: number;
  /** Bytes of the body that were sent. */
  readonly bytes: number;
  readonly durationMs: number;
  /** Who signed in, if somebody did. */
  readonly user: string | undefined;
  readonly client: string;
  readonly userAgent: string;
}

export interface AccessLog {
  /** False when nothing is written: callers then need not make a record. */
  readonly enabled: boolean;
  record(record: AccessRecord): void;
}
