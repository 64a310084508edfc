import { DigestInvalid, type Digest } from './digest.js';

/**
 * A blob of at most this many bytes is handled whole in memory, since its file costs more than its bytes: while it is pushed,
 * until the storage has it durably, and after it was pulled.
 */
export const SMALL_BLOB = 64 * 1024;

/** Bytes under their digest, as the content store holds them. `size` is in bytes. */
export class Blob {
  readonly digest: Digest;
  readonly size: number;

  constructor(digest: Digest, size: number) {
    this.digest = digest;
    this.size = size;
  }

  /**
   * The blob made of bytes whose computed digest is `computed`, if that is the digest the client claims.
   * @throws DigestInvalid otherwise: nothing enters the content store under a digest it does not have.
   */
  static verified(claimed: Digest, computed: Digest, size: number): Blob {
    if (!claimed.equals(computed)) {
      throw new DigestInvalid(
        `the content has the digest ${computed.toString()}, not ${claimed.toString()}`,
        claimed.toString(),
      );
    }
    return new Blob(claimed, size);
  }
}
