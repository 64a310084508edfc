import { hash, type Hash } from 'node:crypto';
import { RegistryError } from '../errors.js';

/** The algorithms under which content is stored (image-spec "Registered Algorithms"). */
export const DIGEST_ALGORITHMS = ['sha256', 'sha512'] as const;
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

const HEX_LENGTH: Readonly<Record<DigestAlgorithm, number>> = { sha256: 64, sha512: 128 };
const GRAMMAR = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;
const HEX = /^[0-9a-f]+$/;

/** The digest is malformed, of an unsupported algorithm, or not that of the bytes (400). */
export class DigestInvalid extends RegistryError {
  override readonly name = 'DigestInvalid';

  constructor(message: string, detail?: unknown) {
    super('DIGEST_INVALID', message, detail);
  }
}

export function isDigestAlgorithm(text: string): text is DigestAlgorithm {
  return DIGEST_ALGORITHMS.some((known) => known === text);
}

/** Whether the text has the form of a digest, of a known algorithm or not (image-spec "Digests"). */
export function isDigestText(text: string): boolean {
  return GRAMMAR.test(text);
}

/** A content address: `sha256:` and 64, or `sha512:` and 128, lower-case hex digits. Equal text means equal digest. */
export class Digest {
  readonly algorithm: DigestAlgorithm;
  readonly hex: string;
  readonly #text: string;

  private constructor(algorithm: DigestAlgorithm, hex: string, text = `${algorithm}:${hex}`) {
    this.algorithm = algorithm;
    this.hex = hex;
    this.#text = text;
  }

  /** @throws DigestInvalid naming what is wrong with the text. */
  static parse(text: string): Digest {
    const colon = text.indexOf(':');
    const algorithm = text.slice(0, Math.max(colon, 0));
    if (!isDigestAlgorithm(algorithm)) throw malformed(text);
    const hex = text.slice(colon + 1);
    if (hex.length !== HEX_LENGTH[algorithm] || !HEX.test(hex)) {
      throw new DigestInvalid(
        `a ${algorithm} digest has ${HEX_LENGTH[algorithm]} lower-case hex digits`,
        text,
      );
    }
    return new Digest(algorithm, hex, text);
  }

  /** The digest whose hash value is `value` (32 or 64 bytes). */
  static fromBytes(algorithm: DigestAlgorithm, value: Buffer): Digest {
    return new Digest(algorithm, value.toString('hex'));
  }

  static of(algorithm: DigestAlgorithm, content: Uint8Array): Digest {
    return new Digest(algorithm, hash(algorithm, content));
  }

  /** Ends the hash, which must be of `algorithm`. */
  static fromHash(algorithm: DigestAlgorithm, running: Hash): Digest {
    return new Digest(algorithm, running.digest('hex'));
  }

  equals(other: Digest): boolean {
    return this.#text === other.#text;
  }

  toString(): string {
    return this.#text;
  }
}

function malformed(text: string): DigestInvalid {
  return isDigestText(text)
    ? new DigestInvalid('the digest algorithm is not supported; use sha256 or sha512', text)
    : new DigestInvalid(
        'a digest is an algorithm, a colon and the hex digits of its value, as in sha256:0a1b…',
        text,
      );
}
