import { SMALL_BLOB } from '../../domain/content/blob.js';
import { SizeInvalid } from '../../domain/content/blob-errors.js';
import { Digest, type DigestAlgorithm } from '../../domain/content/digest.js';
import type { Hashing } from '../ports/system/hashing.js';
import type { UploadBody } from './upload-body.js';

/** A chunk of a socket takes about so many bytes, whatever it holds: each body counts as at least that. */
const LEAST = 64 * 1024;
/** Longer ones are hashed while they arrive: all at once they would hold up everybody else. */
const HASHED_AT_ONCE = 64 * 1024;
/** Bytes that are given to the running hash at once. */
const BATCH = 256 * 1024;

/** Which bodies are worth keeping in memory, in bytes. */
export interface WholeBodyLimits {
  /** Of one body. */
  readonly longest: number;
  /** Of all that are kept at once, however slowly they arrive. */
  readonly total: number;
}

/** Where staging costs a file and a move: it costs more than all the rest only when there is little in it. */
export const SMALL_BODIES: WholeBodyLimits = { longest: SMALL_BLOB, total: 8 * 1024 * 1024 };

/** A body, and the digest that was computed over it. */
export interface WholeBody {
  readonly content: Uint8Array;
  readonly digest: Digest;
}

/** Takes bodies into memory. */
export class WholeBodies {
  readonly #hashing: Hashing;
  readonly #limits: WholeBodyLimits;
  #kept = 0;

  constructor(hashing: Hashing, limits: WholeBodyLimits = SMALL_BODIES) {
    this.#hashing = hashing;
    this.#limits = limits;
  }

  /**
   * Runs `work` with the body; undefined when it is too long, of unknown length, or there is no room for it beside the
   * others: then none of it has been read.
   * @throws BodyCut, SizeInvalid when it brings more or fewer bytes than it announced
   */
  async use<T>(
    body: UploadBody,
    length: number | undefined,
    algorithm: DigestAlgorithm,
    work: (whole: WholeBody) => Promise<T>,
  ): Promise<T | undefined> {
    if (length === undefined || length > this.#limits.longest) return undefined;
    const room = Math.max(length, LEAST);
    if (this.#kept + room > this.#limits.total) return undefined;
    this.#kept += room;
    try {
      const isShort = length <= HASHED_AT_ONCE;
      const reading = isShort ? readShort(body, length, algorithm) : this.#readLong(body, length, algorithm);
      return await work(await reading);
    } finally {
      this.#kept -= room;
    }
  }

  /** Into its place at once: put together at the end it would need twice the memory. */
  async #readLong(body: UploadBody, length: number, algorithm: DigestAlgorithm): Promise<WholeBody> {
    const content = Buffer.allocUnsafeSlow(length);
    const hash = this.#hashing.begin(algorithm);
    let [received, hashed] = [0, 0];
    try {
      for await (const chunk of body) {
        if (received + chunk.length > length) throw sizeInvalid(length, received + chunk.length);
        content.set(chunk, received);
        received += chunk.length;
        if (received - hashed < BATCH) continue;
        await hash.update([content.subarray(hashed, received)]);
        hashed = received;
      }
      if (received < length) throw sizeInvalid(length, received);
      await hash.update([content.subarray(hashed)]);
    } catch (error) {
      hash.drop();
      throw error;
    }
    // A hash is lost with its thread, which is rare enough to hold up everybody else for some milliseconds.
    return { content, digest: (await hash.digest()) ?? Digest.of(algorithm, content) };
  }
}

async function readShort(body: UploadBody, length: number, algorithm: DigestAlgorithm): Promise<WholeBody> {
  const chunks: Uint8Array[] = [];
  let received = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    received += chunk.length;
    if (received > length) break;
  }
  if (received !== length) throw sizeInvalid(length, received);
  const [only] = chunks;
  const content = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, received);
  return { content, digest: Digest.of(algorithm, content) };
}

function sizeInvalid(announced: number, brought: number): SizeInvalid {
  return new SizeInvalid(
    `the request announced ${announced} bytes and brought ${brought > announced ? 'more' : brought}`,
  );
}
