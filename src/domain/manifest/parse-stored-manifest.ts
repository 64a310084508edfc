import { RegistryError } from '../errors.js';
import { Digest } from '../content/digest.js';
import { MEDIA_TYPES } from '../content/media-type.js';
import { detectMediaType } from './detect-media-type.js';
import type { Manifest } from './manifest.js';
import { parseManifest } from './parse-manifest.js';

/** A manifest that another program has stored. */
export interface StoredManifest {
  readonly mediaType: string;
  /** Undefined when it breaks a rule that Stowage holds pushes to: it is served, but what it references is not known. */
  readonly content: Manifest | undefined;
  /** The rule that it breaks, as a sentence without its end. */
  readonly flaw: string | undefined;
}

const SERVED: ReadonlySet<string> = new Set([
  MEDIA_TYPES.ociManifest,
  MEDIA_TYPES.ociIndex,
  MEDIA_TYPES.dockerManifest,
  MEDIA_TYPES.dockerManifestList,
]);

/**
 * Reads a manifest as the reference registry does, which is less strict with what it has than Stowage with what is
 * pushed.
 * @param declared the media type that it was pushed under, where that is known; the bytes have to agree
 * @returns what it is, or as the end of a sentence why it can not be served
 */
export function parseStoredManifest(
  bytes: Buffer,
  digest: Digest,
  declared: string | undefined,
): StoredManifest | { readonly reason: string } {
  if (!Digest.of(digest.algorithm, bytes).equals(digest)) return { reason: 'has bytes of another digest' };
  const detected = detectMediaType(bytes);
  if (detected === undefined) return { reason: 'is not JSON' };
  if (declared !== undefined && declared !== detected) {
    const read = parse(bytes, digest, declared);
    if (typeof read !== 'string') return { mediaType: declared, content: read, flaw: undefined };
  }
  const read = parse(bytes, digest, detected);
  if (typeof read !== 'string') return { mediaType: detected, content: read, flaw: undefined };
  const { schemaVersion } = JSON.parse(bytes.toString()) as { schemaVersion?: unknown };
  if (schemaVersion === 1) return { reason: 'is of schema 1, which is not served' };
  if (schemaVersion !== 2) return { reason: 'has not the schemaVersion 2' };
  if (!SERVED.has(detected)) return { reason: 'is of a type that is not served' };
  return { mediaType: detected, content: undefined, flaw: read };
}

/** The manifest, or which rule it breaks. */
function parse(bytes: Buffer, digest: Digest, mediaType: string): Manifest | string {
  try {
    return parseManifest(bytes, mediaType, digest);
  } catch (error) {
    if (error instanceof RegistryError) return error.message;
    throw error;
  }
}
