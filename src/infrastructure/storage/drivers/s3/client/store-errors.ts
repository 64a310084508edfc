/** The store has answered, and refused. Messages are the store's own; `toStorageFault` makes a sentence of them. */
export class StoreRefusal extends Error {
  override readonly name = 'StoreRefusal';
  /** 200 when the refusal came behind the head of the answer. */
  readonly status: number;
  /** As in `NoSuchKey`; empty when the answer told none. */
  readonly code: string;
  /** Where the bucket is, if the store told that it is elsewhere. */
  readonly region: string | undefined;
  /** The time on the store's clock, ms. */
  readonly now: number | undefined;

  constructor(told: Pick<StoreRefusal, 'status' | 'code' | 'message' | 'region' | 'now'>) {
    super(told.message);
    this.status = told.status;
    this.code = told.code;
    this.region = told.region;
    this.now = told.now;
  }
}

/**
 * `stale`: the store closed a kept connection just when it was used again, and has most likely seen nothing. `cut`: the
 * connection or the answer ended too early. `silent`: nothing came for too long. `unreachable`: no connection was made.
 * `untrusted`: the certificate was refused, or it is no TLS. `unclear`: what came is no answer to the request.
 */
export type ConnectionFault = 'stale' | 'cut' | 'silent' | 'unreachable' | 'untrusted' | 'unclear';

/** There is no answer, or not the whole of it. It is not known what the store has done. */
export class ConnectionFailed extends Error {
  override readonly name = 'ConnectionFailed';
  readonly fault: ConnectionFault;
  /** The system's, as in `ECONNREFUSED`; empty when there is none. */
  readonly code: string;

  constructor(fault: ConnectionFault, message: string, cause?: unknown) {
    super(message, { cause });
    this.fault = fault;
    this.code = codeOf(cause);
  }
}

const UNREACHABLE = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
]);
const UNTRUSTED =
  /CERT|^ERR_TLS_|^ERR_SSL_|^EPROTO$|^UNABLE_TO_|^CRL_|HOSTNAME_MISMATCH|^PATH_LENGTH_EXCEEDED$|^INVALID_CA$|^INVALID_PURPOSE$/;

/** @param isReused whether the connection had answered a request before */
export function connectionFailed(error: unknown, isReused: boolean): ConnectionFailed {
  if (error instanceof ConnectionFailed) return error;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (UNREACHABLE.has(code)) return new ConnectionFailed('unreachable', message, error);
  if (UNTRUSTED.test(code)) return new ConnectionFailed('untrusted', message, error);
  if (code.startsWith('HPE_')) return new ConnectionFailed('unclear', message, error);
  const isStale = isReused && (code === 'ECONNRESET' || code === 'EPIPE');
  return new ConnectionFailed(isStale ? 'stale' : 'cut', message, error);
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** Whether the store asks for fewer requests. */
export function isThrottled(error: unknown): boolean {
  return (
    error instanceof StoreRefusal &&
    (error.status === 429 || error.status === 503 || THROTTLED.has(error.code))
  );
}

const THROTTLED = new Set([
  'SlowDown',
  'ServiceUnavailable',
  'TooManyRequests',
  'RequestLimitExceeded',
  'Throttling',
]);
const PASSING = new Set([
  ...THROTTLED,
  'InternalError',
  'RequestTimeout',
  'OperationAborted',
  'ConcurrentModification',
]);

/** Whether the same request may succeed a moment later. */
export function mayPass(error: unknown): boolean {
  if (error instanceof ConnectionFailed) return error.fault !== 'untrusted';
  if (!(error instanceof StoreRefusal)) return false;
  const { status, code } = error;
  if (status === 501) return false;
  return status >= 500 || status === 429 || status === 408 || PASSING.has(code);
}
