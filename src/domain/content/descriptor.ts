import { Digest, isDigestAlgorithm, isDigestText } from './digest.js';
import { isMediaType } from './media-type.js';
import { ManifestInvalid } from '../manifest/manifest-errors.js';

/** A reference to content inside a manifest (image-spec "Content Descriptors"). */
export interface Descriptor {
  readonly mediaType: string;
  /** Undefined when the algorithm is one that this registry does not store: such content can not be here. */
  readonly digest: Digest | undefined;
  readonly digestText: string;
  /** Bytes, 0 to 2^53 - 1. */
  readonly size: number;
}

/**
 * Reads one descriptor; unknown fields are no fault.
 * @param where its place in the manifest, for the message, as in `layers[2]`
 * @throws ManifestInvalid naming the place and the field.
 */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ManifestInvalid(`${where} must be a descriptor: an object with mediaType, digest and size`);
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const digestText = parseDigestText(fields['digest'], where);
  const algorithm = digestText.slice(0, digestText.indexOf(':'));
  return {
    mediaType: parseMediaType(fields['mediaType'], where),
    digest: isDigestAlgorithm(algorithm) ? Digest.parse(digestText) : undefined,
    digestText,
    size: parseSize(fields['size'], where),
  };
}

function parseMediaType(value: unknown, where: string): string {
  if (typeof value !== 'string' || !isMediaType(value)) {
    throw new ManifestInvalid(
      `${where}.mediaType must be a media type, as in application/vnd.oci.empty.v1+json`,
    );
  }
  return value;
}

function parseDigestText(value: unknown, where: string): string {
  if (typeof value !== 'string' || !isDigestText(value)) {
    throw new ManifestInvalid(`${where}.digest must be a digest, as in sha256:0a1b…`);
  }
  return value;
}

function parseSize(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new ManifestInvalid(`${where}.size must be a whole number of bytes, 0 or more`);
  }
  return value;
}
