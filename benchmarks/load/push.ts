import type { Answer } from './answer-parser.js';
import { requestHead, type Connection } from './connection.js';
import { sha256, type Content } from './content.js';

const OCTETS = { 'Content-Type': 'application/octet-stream' };

/** @throws Error unless it is this one */
export function expectStatus(what: string, answer: Answer, status: number): Answer {
  if (answer.status === status) return answer;
  throw new Error(`${what}: ${answer.status} instead of ${status}: ${answer.body.toString().slice(0, 300)}`);
}

/** Path and query of the Location: the reference's carries `_state`, without which the upload is not found. */
function pathOf(answer: Answer): string {
  const location = new URL(answer.headers.get('location') ?? '', 'http://127.0.0.1');
  return location.pathname + location.search;
}

function withDigest(path: string, digest: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;
}

async function openUpload(connection: Connection, repository: string): Promise<string> {
  const path = `/v2/${repository}/blobs/uploads/`;
  return pathOf(
    expectStatus('POST upload', await connection.request('POST', path, { 'Content-Length': 0 }), 202),
  );
}

/** POST and one PUT with the whole body, as containerd does. */
export async function pushSmallBlob(
  connection: Connection,
  repository: string,
  bytes: Buffer,
): Promise<string> {
  const digest = sha256(bytes);
  const path = await openUpload(connection, repository);
  expectStatus('PUT blob', await connection.request('PUT', withDigest(path, digest), OCTETS, bytes), 201);
  return digest;
}

/** POST alone, of a blob that another repository has. */
export async function mountBlob(
  connection: Connection,
  repository: string,
  from: string,
  digest: string,
): Promise<void> {
  const path = `/v2/${repository}/blobs/uploads/?mount=${digest}&from=${encodeURIComponent(from)}`;
  expectStatus('mount', await connection.request('POST', path, { 'Content-Length': 0 }), 201);
}

/** POST, one PATCH with the whole body, an empty PUT, as skopeo and podman do. */
export async function pushLargeBlob(
  connection: Connection,
  repository: string,
  content: Content,
): Promise<void> {
  const path = await openUpload(connection, repository);
  const head = requestHead('PATCH', path, { ...OCTETS, 'Content-Length': content.size });
  const patched = expectStatus('PATCH blob', await connection.stream(head, content.chunks()), 202);
  const closing = withDigest(pathOf(patched), content.digest);
  expectStatus('PUT blob', await connection.request('PUT', closing, { 'Content-Length': 0 }), 201);
}

/** POST, one PATCH for each piece, an empty PUT. */
export async function pushBlobInPieces(
  connection: Connection,
  repository: string,
  pieces: readonly Buffer[],
): Promise<void> {
  let path = await openUpload(connection, repository);
  for (const piece of pieces) {
    path = pathOf(expectStatus('PATCH blob', await connection.request('PATCH', path, OCTETS, piece), 202));
  }
  const closing = withDigest(path, sha256(Buffer.concat(pieces)));
  expectStatus('PUT blob', await connection.request('PUT', closing, { 'Content-Length': 0 }), 201);
}

export async function pushManifest(
  connection: Connection,
  repository: string,
  reference: string,
  manifest: { readonly mediaType: string; readonly bytes: Buffer },
): Promise<void> {
  const headers = { 'Content-Type': manifest.mediaType };
  const path = `/v2/${repository}/manifests/${reference}`;
  expectStatus('PUT manifest', await connection.request('PUT', path, headers, manifest.bytes), 201);
}
