import type { ErrorCode } from '../../../domain/errors.js';

/** What a refusal looks like on the wire. */
export interface WireError {
  readonly status: number;
  /** The code in the body, where it is not the refusal's own: clients may expect one of the OCI list. */
  readonly code?: ErrorCode;
}

/** The only place that knows which status a refusal has. */
export const WIRE_ERRORS: Readonly<Record<ErrorCode, WireError>> = {
  BLOB_UNKNOWN: { status: 404 },
  BLOB_UPLOAD_INVALID: { status: 400 },
  BLOB_UPLOAD_UNKNOWN: { status: 404 },
  DIGEST_INVALID: { status: 400 },
  MANIFEST_BLOB_UNKNOWN: { status: 400 },
  MANIFEST_INVALID: { status: 400 },
  MANIFEST_UNKNOWN: { status: 404 },
  NAME_INVALID: { status: 400 },
  NAME_UNKNOWN: { status: 404 },
  SIZE_INVALID: { status: 400 },
  UNAUTHORIZED: { status: 401 },
  DENIED: { status: 403 },
  UNSUPPORTED: { status: 405 },
  TOOMANYREQUESTS: { status: 429 },
  TAG_INVALID: { status: 400 },
  PAGINATION_NUMBER_INVALID: { status: 400 },
  UNAVAILABLE: { status: 503 },
  UNKNOWN: { status: 500 },
  ENDPOINT_UNKNOWN: { status: 404, code: 'UNSUPPORTED' },
  MANIFEST_TOO_LARGE: { status: 413, code: 'SIZE_INVALID' },
  UPLOAD_OUT_OF_ORDER: { status: 416, code: 'BLOB_UPLOAD_INVALID' },
  RANGE_NOT_SATISFIABLE: { status: 416, code: 'SIZE_INVALID' },
};
