import { StorageFault, type StorageFaultKind } from '../../../application/ports/storage/storage-fault.js';
import { TooManyLogins } from '../../../domain/access/too-many-logins.js';
import { Unauthorized } from '../../../domain/access/unauthorized.js';
import { RangeNotSatisfiable } from '../../../domain/content/byte-range.js';
import { RegistryError, Unavailable, type Problem } from '../../../domain/errors.js';
import { UploadOutOfOrder } from '../../../domain/upload/upload-errors.js';
import type { Exchange } from '../exchange.js';
import { MethodNotAllowed } from '../routes/method-not-allowed.js';
import { WIRE_ERRORS } from './error-status.js';
import { type Locations, uploadRange } from './locations.js';

/** What the client is told of a failing disk; the cause goes to the log alone. */
const STORAGE_ANSWERS: Readonly<Record<StorageFaultKind, { status: number; message: string }>> = {
  full: { status: 507, message: 'the registry has no space left; nothing of this request was kept' },
  'read-only': { status: 503, message: 'the storage of the registry is read-only' },
  'too-many-open-files': { status: 503, message: 'the registry has too many files open; try again' },
  denied: { status: 500, message: 'the registry may not use its storage' },
  unavailable: { status: 503, message: 'the storage of the registry does not answer; try again' },
  unsupported: { status: 500, message: 'the storage of the registry can not do this' },
  broken: { status: 500, message: 'the storage of the registry failed' },
};

/**
 * Answers with an OCI error body. A fault of the program or its surroundings is logged with its cause and shown
 * without it.
 */
export function answerError(exchange: Exchange, error: unknown): void {
  if (error instanceof RegistryError) {
    if (error instanceof Unavailable) {
      exchange.logger.warn('request refused for now', {
        method: exchange.method,
        path: exchange.path,
        error,
      });
    }
    answerRefusal(exchange, error);
    return;
  }
  exchange.logger.error('request failed', { method: exchange.method, path: exchange.path, error });
  const { status, message } =
    error instanceof StorageFault
      ? STORAGE_ANSWERS[error.kind]
      : { status: 500, message: 'the registry failed; its log has the request id' };
  const problem: Problem = {
    code: status === 500 ? 'UNKNOWN' : 'UNAVAILABLE',
    message,
    detail: { requestId: exchange.requestId },
  };
  send(exchange, status, [problem], status === 503 ? ['Retry-After', '1'] : []);
}

function answerRefusal(exchange: Exchange, refusal: RegistryError): void {
  const { status, code } = WIRE_ERRORS[refusal.code];
  const problems = refusal.problems.map((problem) => (code === undefined ? problem : { ...problem, code }));
  send(exchange, status, problems, headersOf(refusal, exchange.locations));
}

/** What a client needs beside the body to go on. */
function headersOf(refusal: RegistryError, locations: Locations): string[] {
  if (refusal instanceof Unauthorized) return ['WWW-Authenticate', refusal.challenge];
  if (refusal instanceof Unavailable || refusal instanceof TooManyLogins) {
    return ['Retry-After', String(refusal.retryAfter)];
  }
  if (refusal instanceof RangeNotSatisfiable) return ['Content-Range', `bytes */${refusal.size}`];
  if (refusal instanceof MethodNotAllowed) return ['Allow', refusal.allowed.join(', ')];
  if (!(refusal instanceof UploadOutOfOrder)) return [];
  const { repository, id, offset } = refusal;
  const range = offset === 0 ? [] : ['Range', uploadRange(offset)];
  return [
    'Location',
    locations.upload(repository, id, offset),
    ...range,
    'Docker-Upload-UUID',
    id.toString(),
  ];
}

/** The body of refusals that have no exchange: requests that are not HTTP. */
export function errorBody(problems: readonly Problem[]): Buffer {
  return Buffer.from(JSON.stringify({ errors: problems }));
}

function send(exchange: Exchange, status: number, problems: readonly Problem[], headers: string[]): void {
  exchange.answer(status, ['Content-Type', 'application/json', ...headers], errorBody(problems));
}
