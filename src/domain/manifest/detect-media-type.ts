import { MEDIA_TYPES } from '../content/media-type.js';

/**
 * The media type that a manifest's bytes tell by themselves, as the reference registry finds it: the one they name,
 * else that of an index when they list manifests, else that of an image. Undefined when they are no JSON object.
 */
export function detectMediaType(bytes: Uint8Array): string | undefined {
  const fields = parseObject(bytes);
  if (fields === undefined) return undefined;
  const { mediaType, manifests } = fields;
  if (typeof mediaType === 'string' && mediaType !== '') return mediaType;
  return Array.isArray(manifests) ? MEDIA_TYPES.ociIndex : MEDIA_TYPES.ociManifest;
}

function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
