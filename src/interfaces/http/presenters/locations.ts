import type { Digest } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';

/** Locations are paths without a host: no header of the request is trusted to say where the registry is. */
export function blobLocation(repository: RepositoryName, digest: Digest): string {
  return `/v2/${repository.toString()}/blobs/${digest.toString()}`;
}

export function manifestLocation(repository: RepositoryName, digest: Digest): string {
  return `/v2/${repository.toString()}/manifests/${digest.toString()}`;
}

/** The parameter that carries a session's offset in its Location, so that a repeated request is recognised. */
export const OFFSET_PARAMETER = '_offset';

export function uploadLocation(repository: RepositoryName, id: UploadId, offset: number): string {
  return `/v2/${repository.toString()}/blobs/uploads/${id.toString()}?${OFFSET_PARAMETER}=${offset}`;
}

/** `0-<last byte>` of what a session has. For an empty one `0-0`, as every registry says and clients expect. */
export function uploadRange(offset: number): string {
  return `0-${Math.max(offset - 1, 0)}`;
}

/** A Link to the next page of a list (RFC 8288): the same path with other parameters. */
export function nextLink(
  path: string,
  parameters: Readonly<Record<string, string | readonly string[]>>,
): string {
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(parameters)) {
    for (const value of typeof values === 'string' ? [values] : values) query.append(name, value);
  }
  return `<${path}?${query.toString()}>; rel="next"`;
}
