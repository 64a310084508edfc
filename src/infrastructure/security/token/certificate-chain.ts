import { type KeyObject, X509Certificate } from 'node:crypto';
import { isUsable } from './trusted-key.js';

/** A signature counts as long as everything that vouches for its key is valid. */
export interface ChainedKey {
  readonly key: KeyObject;
  /** Unix time (ms) at which the first certificate of the chain expires. */
  readonly until: number;
}

const LONGEST = 10;

/**
 * The key of the first certificate, when the others lead from it to one of the roots, or when it is a root itself
 * (RFC 7515 4.1.6, RFC 5280 6). What the certificates say of their use beside signing certificates does not matter.
 * @param encoded the value of `x5c`: certificates in DER and base64
 * @returns undefined when no root vouches for it
 */
export function keyOfChain(
  encoded: unknown,
  roots: readonly X509Certificate[],
  now: number,
): ChainedKey | undefined {
  const [leaf, ...others] = parseAll(encoded) ?? [];
  if (leaf === undefined || !isValid(leaf, now) || !isUsable(leaf.publicKey)) return undefined;
  const anchors = roots.filter((root) => isValid(root, now));
  const issuers = new Set(others.filter((other) => isIssuer(other, now)));
  const chain = chainFrom(leaf, issuers, anchors);
  return (
    chain && { key: leaf.publicKey, until: Math.min(...chain.map(({ validTo }) => Date.parse(validTo))) }
  );
}

/**
 * From the certificate up to an anchor. Signatures are checked from the anchor down: before that, keys are anybody's.
 * @param left those that were not tried yet: each is tried once, whatever a stranger has put together
 */
function chainFrom(
  leaf: X509Certificate,
  left: Set<X509Certificate>,
  anchors: readonly X509Certificate[],
): X509Certificate[] | undefined {
  if (anchors.some((anchor) => isSame(anchor, leaf))) return [leaf];
  const issuers = anchors.filter((anchor) => anchor.ca && leaf.checkIssued(anchor));
  const anchor = issuers.find((issuer) => leaf.verify(issuer.publicKey));
  if (anchor !== undefined) return [leaf, anchor];
  for (const other of left) {
    if (!leaf.checkIssued(other)) continue;
    left.delete(other);
    const above = chainFrom(other, left, anchors);
    if (above !== undefined && leaf.verify(other.publicKey)) return [leaf, ...above];
  }
  return undefined;
}

function parseAll(encoded: unknown): X509Certificate[] | undefined {
  if (!Array.isArray(encoded) || encoded.length === 0 || encoded.length > LONGEST) return undefined;
  const certificates: X509Certificate[] = [];
  for (const text of encoded as readonly unknown[]) {
    const certificate = typeof text === 'string' ? parse(text) : undefined;
    if (certificate === undefined) return undefined;
    certificates.push(certificate);
  }
  return certificates;
}

/** Undefined: it is no certificate, or its key is of a kind that is not known. */
function parse(base64: string): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(Buffer.from(base64, 'base64'));
    void certificate.publicKey;
    return certificate;
  } catch {
    return undefined;
  }
}

function isIssuer(certificate: X509Certificate, now: number): boolean {
  return certificate.ca && isValid(certificate, now) && isUsable(certificate.publicKey);
}

function isValid({ validFrom, validTo }: X509Certificate, now: number): boolean {
  return Date.parse(validFrom) <= now && now <= Date.parse(validTo);
}

function isSame(one: X509Certificate, other: X509Certificate): boolean {
  return one.raw.equals(other.raw);
}
