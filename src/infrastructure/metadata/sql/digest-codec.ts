import { Digest, type DigestAlgorithm } from '../../../domain/content/digest.js';

const CODE: Readonly<Record<DigestAlgorithm, number>> = { sha256: 1, sha512: 2 };

export function encodeAlgorithm(algorithm: DigestAlgorithm): number {
  return CODE[algorithm];
}

export function decodeAlgorithm(code: number): DigestAlgorithm {
  if (code === CODE.sha256) return 'sha256';
  if (code === CODE.sha512) return 'sha512';
  throw new Error(`the metadata database holds the unknown digest algorithm ${code}`);
}

/** A digest as the database keeps it: one byte for the algorithm, then the 32 or 64 bytes of the value. */
export function encodeDigest(digest: Digest): Buffer {
  const bytes = Buffer.allocUnsafe(1 + digest.hex.length / 2);
  bytes[0] = CODE[digest.algorithm];
  bytes.write(digest.hex, 1, 'hex');
  return bytes;
}

export function decodeDigest(bytes: Uint8Array): Digest {
  const value = Buffer.from(bytes.buffer, bytes.byteOffset + 1, bytes.length - 1);
  return Digest.fromBytes(decodeAlgorithm(bytes[0] ?? 0), value);
}
