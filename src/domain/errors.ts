/**
 * Codes of refusals. The first block is the OCI list (distribution-spec "Error Codes"), the second what the reference
 * registry adds and its clients know, the third our own: the wire shows them as one of the others (error-status.ts in
 * interfaces/http).
 */
export type ErrorCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'UNAUTHORIZED'
  | 'DENIED'
  | 'UNSUPPORTED'
  | 'TOOMANYREQUESTS'
  | 'TAG_INVALID'
  | 'PAGINATION_NUMBER_INVALID'
  | 'UNAVAILABLE'
  | 'UNKNOWN'
  | 'ENDPOINT_UNKNOWN'
  | 'MANIFEST_TOO_LARGE'
  | 'UPLOAD_OUT_OF_ORDER'
  | 'RANGE_NOT_SATISFIABLE';

/** One entry of an OCI error body. `detail` is any JSON value. */
export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly detail?: unknown;
}

/**
 * An expected refusal: something the caller asked for that cannot be done, with what was wrong and what would be
 * right. It captures no stack trace, because most of them are ordinary answers (a HEAD before a push) and the trace
 * is half of their price. Faults of the program are plain Errors and keep theirs.
 */
export class RegistryError extends Error {
  override readonly name: string = 'RegistryError';
  readonly code: ErrorCode;
  readonly detail: unknown;

  constructor(code: ErrorCode, message: string, detail?: unknown) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = limit;
    this.code = code;
    this.detail = detail;
  }

  /** The entries of the OCI error body; a refusal with several causes overrides this. */
  get problems(): readonly Problem[] {
    const problem = { code: this.code, message: this.message };
    return [this.detail === undefined ? problem : { ...problem, detail: this.detail }];
  }
}

/** The operation is switched off or does not exist for this resource (405). */
export class Unsupported extends RegistryError {
  override readonly name: string = 'Unsupported';

  constructor(message: string, detail?: unknown) {
    super('UNSUPPORTED', message, detail);
  }
}

/** Something lives on this content; the refusal names what holds it (403). */
export class Denied extends RegistryError {
  override readonly name = 'Denied';

  constructor(message: string, detail?: unknown) {
    super('DENIED', message, detail);
  }
}

/** The registry cannot answer now; the same request may succeed later. `retryAfter` is in seconds. */
export class Unavailable extends RegistryError {
  override readonly name: string = 'Unavailable';
  readonly retryAfter: number;

  constructor(message: string, retryAfter = 1, detail?: unknown) {
    super('UNAVAILABLE', message, detail);
    this.retryAfter = retryAfter;
  }
}
