import { SizeInvalid } from '../../../domain/content/blob-errors.js';
import { parseChunkRange, type ByteRange } from '../../../domain/content/byte-range.js';
import { DigestInvalid, isDigestAlgorithm, type DigestAlgorithm } from '../../../domain/content/digest.js';
import { RepositoryName } from '../../../domain/repository/repository-name.js';
import { UploadInvalid, UploadUnknown } from '../../../domain/upload/upload-errors.js';
import { UploadId } from '../../../domain/upload/upload-id.js';
import type { ChunkClaim } from '../../../domain/upload/upload-session.js';
import type { Exchange } from '../exchange.js';
import { OFFSET_PARAMETER } from '../presenters/locations.js';
import type { Target } from '../routes/parse-target.js';
import { parseContentLength } from './request-body.js';

interface UploadPath {
  readonly repository: RepositoryName;
  readonly id: UploadId;
}

/** A session that bytes are pushed to. @throws NameInvalid, UploadUnknown for an id that no session can have */
export function parseUpload(target: Target): UploadPath {
  return { repository: RepositoryName.parse(target.name), id: parseId(target) };
}

/** A session that is asked about or cancelled. @throws NameInvalid, UploadUnknown */
export function parseExistingUpload(target: Target): UploadPath {
  return { repository: RepositoryName.parseExisting(target.name), id: parseId(target) };
}

function parseId(target: Target): UploadId {
  const id = UploadId.parse(target.tail);
  if (id === undefined) throw new UploadUnknown(target.tail);
  return id;
}

/** What the request says of the bytes that it brings. @throws UploadInvalid, SizeInvalid */
export function parseChunkClaim(exchange: Exchange): ChunkClaim {
  const offset = exchange.query.get(OFFSET_PARAMETER);
  return {
    range: parseContentRange(exchange.header('content-range')),
    length: parseContentLength(exchange.req),
    locationOffset: offset === null ? undefined : parseOffset(offset),
  };
}

function parseContentRange(header: string | undefined): ByteRange | undefined {
  if (header === undefined) return undefined;
  const range = parseChunkRange(header);
  if (range === undefined) {
    throw new SizeInvalid('Content-Range of a chunk is its first and last byte, as in 0-1023', header);
  }
  return range;
}

function parseOffset(text: string): number {
  const offset = Number(text);
  if (!/^[0-9]{1,16}$/.test(text))
    throw new UploadInvalid('use the Location of the last answer as it is', text);
  return offset;
}

/** The algorithm that a session is begun for (OCI end-4c). @throws DigestInvalid for an unsupported one */
export function parseAlgorithm(query: URLSearchParams): DigestAlgorithm {
  const text = query.get('digest-algorithm') ?? 'sha256';
  if (!isDigestAlgorithm(text)) {
    throw new DigestInvalid('the digest algorithm is not supported; use sha256 or sha512', text);
  }
  return text;
}
