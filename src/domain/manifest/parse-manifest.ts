import { parseDescriptor } from '../content/descriptor.js';
import { Digest, DigestInvalid, type DigestAlgorithm } from '../content/digest.js';
import { isMediaType, MEDIA_TYPES, withoutParameters } from '../content/media-type.js';
import { ManifestInvalid } from './manifest-errors.js';
import { Manifest } from './manifest.js';
import { parseImageIndex } from './image-index.js';
import { parseImageManifest } from './image-manifest.js';
import { parseStrictJson } from './strict-json.js';

type Fields = Readonly<Record<string, unknown>>;

const PARSERS = new Map<string, typeof parseImageManifest | typeof parseImageIndex>([
  [MEDIA_TYPES.ociManifest, parseImageManifest],
  [MEDIA_TYPES.dockerManifest, parseImageManifest],
  [MEDIA_TYPES.ociIndex, parseImageIndex],
  [MEDIA_TYPES.dockerManifestList, parseImageIndex],
]);

/**
 * Reads a manifest out of the bytes of a push (OCI end-7).
 * @param contentType of the request; when absent, the body's own mediaType decides
 * @param expected the digest it is pushed under, if any: its algorithm is used, and the bytes must have it
 * @throws ManifestInvalid, DigestInvalid
 */
export function parseManifest(bytes: Buffer, contentType: string | undefined, expected?: Digest): Manifest {
  const digest = digestOf(bytes, expected);
  const fields = parseStrictJson(bytes);
  const mediaType = decideMediaType(fields, contentType);
  const parse = PARSERS.get(mediaType);
  if (parse === undefined) throw unknownType(mediaType);
  if (fields['schemaVersion'] !== 2) throw new ManifestInvalid('a manifest has the schemaVersion 2');
  return new Manifest({
    digest,
    mediaType,
    bytes,
    content: parse(fields),
    subject: fields['subject'] === undefined ? undefined : parseSubject(fields['subject']),
    artifactType: parseArtifactType(fields['artifactType']),
    annotations: parseAnnotations(fields['annotations']),
  });
}

function digestOf(bytes: Buffer, expected: Digest | undefined): Digest {
  const algorithm: DigestAlgorithm = expected?.algorithm ?? 'sha256';
  const digest = Digest.of(algorithm, bytes);
  if (expected !== undefined && !digest.equals(expected)) {
    throw new DigestInvalid(`the manifest has the digest ${digest.toString()}`, expected.toString());
  }
  return digest;
}

function decideMediaType(fields: Fields, contentType: string | undefined): string {
  const inBody = fields['mediaType'];
  if (inBody !== undefined && typeof inBody !== 'string')
    throw new ManifestInvalid('mediaType must be a string');
  // Letter case does not count in it (RFC 9110 8.3.1); in the body the specification has one way to write it.
  const declared = contentType === undefined ? '' : withoutParameters(contentType).toLowerCase();
  const mediaType = declared === '' ? inBody : declared;
  if (mediaType === undefined) {
    throw new ManifestInvalid('a manifest needs a Content-Type header, since its body has no mediaType');
  }
  if (inBody !== undefined && inBody !== mediaType) {
    throw new ManifestInvalid(`the body says mediaType ${inBody}, the Content-Type header ${mediaType}`);
  }
  return mediaType;
}

function unknownType(mediaType: string): ManifestInvalid {
  const known = [...PARSERS.keys()].join(', ');
  return new ManifestInvalid(`the registry does not take manifests of the type ${mediaType}, only ${known}`);
}

function parseSubject(value: unknown): ReturnType<typeof parseDescriptor> {
  const subject = parseDescriptor(value, 'subject');
  if (subject.digest === undefined) throw new ManifestInvalid('subject.digest must be of sha256 or sha512');
  return subject;
}

function parseArtifactType(value: unknown): string | undefined {
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string' || !isMediaType(value)) {
    throw new ManifestInvalid(
      'artifactType must be a media type, as in application/vnd.example.sbom.v1+json',
    );
  }
  return value;
}

function parseAnnotations(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined;
  const sound =
    typeof value === 'object' &&
    !Array.isArray(value) &&
    Object.values(value).every((annotation) => typeof annotation === 'string');
  if (!sound) throw new ManifestInvalid('annotations must be an object of strings');
  return value as Readonly<Record<string, string>>;
}
