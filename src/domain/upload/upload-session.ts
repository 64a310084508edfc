import { SizeInvalid } from '../content/blob-errors.js';
import type { ByteRange } from '../content/byte-range.js';
import type { Digest, DigestAlgorithm } from '../content/digest.js';
import type { RepositoryName } from '../repository/repository-name.js';
import { UploadOutOfOrder } from './upload-errors.js';
import type { UploadId } from './upload-id.js';

/**
 * So long (ms) a session is known to which nothing was sent, and one that has become a blob: for a closing request whose
 * answer was lost.
 */
export const REMEMBERED = 3_600_000;

/** What a request says about the bytes it offers to a session. */
export interface ChunkClaim {
  /** From Content-Range. */
  readonly range: ByteRange | undefined;
  /** From Content-Length, in bytes; undefined for a chunked body. */
  readonly length: number | undefined;
  /** The offset in the Location that the client used. */
  readonly locationOffset: number | undefined;
}

/**
 * An upload in progress (distribution-spec "Pushing a blob in chunks"). `offset` is the number of bytes that are
 * kept, which is what the client is told; `fence` names the staged file, one for each lease that was broken.
 */
export class UploadSession {
  readonly id: UploadId;
  readonly repository: RepositoryName;
  readonly offset: number;
  readonly algorithm: DigestAlgorithm;
  readonly fence: number;
  /** Set once the session has become a blob; it stays readable for an hour, for a PUT whose answer was lost. */
  readonly completed: Digest | undefined;

  constructor(fields: UploadSessionFields) {
    this.id = fields.id;
    this.repository = fields.repository;
    this.offset = fields.offset;
    this.algorithm = fields.algorithm;
    this.fence = fields.fence;
    this.completed = fields.completed;
  }

  /**
   * How many bytes the request must bring; undefined when only its end will tell.
   * @throws UploadOutOfOrder for a gap, an overlap or a repeated request (416; OCI end-5, end-6)
   * @throws SizeInvalid when Content-Range and Content-Length differ
   */
  expect(claim: ChunkClaim): number | undefined {
    if (claim.range !== undefined) return this.#expectRange(claim.range, claim.length);
    const stale = claim.locationOffset !== undefined && claim.locationOffset !== this.offset;
    if (stale && claim.length !== 0) {
      throw new UploadOutOfOrder(this, `the Location used is stale: the session has ${this.offset} bytes`);
    }
    return claim.length;
  }

  #expectRange(range: ByteRange, length: number | undefined): number {
    if (range.start !== this.offset) {
      throw new UploadOutOfOrder(this, `the session has ${this.offset} bytes; the next chunk starts there`);
    }
    const expected = range.end - range.start + 1;
    if (length !== undefined && length !== expected) {
      throw new SizeInvalid(`Content-Range names ${expected} bytes, Content-Length ${length}`);
    }
    return expected;
  }
}

export interface UploadSessionFields {
  readonly id: UploadId;
  readonly repository: RepositoryName;
  readonly offset: number;
  readonly algorithm: DigestAlgorithm;
  readonly fence: number;
  readonly completed: Digest | undefined;
}
