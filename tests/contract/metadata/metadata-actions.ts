import { randomUUID } from 'node:crypto';
import { Blob } from '../../../src/domain/content/blob.js';
import { Digest, type DigestAlgorithm } from '../../../src/domain/content/digest.js';
import { MEDIA_TYPES } from '../../../src/domain/content/media-type.js';
import type { Manifest } from '../../../src/domain/manifest/manifest.js';
import { parseManifest } from '../../../src/domain/manifest/parse-manifest.js';
import { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { TagName } from '../../../src/domain/tag/tag-name.js';
import { UploadId } from '../../../src/domain/upload/upload-id.js';
import type { BlobPush } from '../../../src/application/ports/metadata/blob-index.js';
import type { PutOutcome } from '../../../src/application/ports/metadata/manifest-index.js';
import type { UploadSessions } from '../../../src/application/ports/metadata/upload-sessions.js';
import type { MetadataPorts } from './metadata-under-test.js';

export const HOUR = 3_600_000;
/** The grace of the ports under test. */
export const DAY = 24 * HOUR;
/** Some moment; the ports take the time as an argument. */
export const NOW = 1_700_000_000_000;

export const repository = (name: string): RepositoryName => RepositoryName.parse(name);
export const tag = (name: string): TagName => TagName.parse(name);

export function newUploadId(): UploadId {
  const id = UploadId.parse(randomUUID());
  if (id === undefined) throw new Error('not a UUID');
  return id;
}

export function blobOf(content: string): Blob {
  const bytes = Buffer.from(content);
  return new Blob(Digest.of('sha256', bytes), bytes.length);
}

const OPENING = Buffer.alloc(16, 9);

/** A session that has its row, to which nothing was sent. */
export async function openUpload(
  uploads: UploadSessions,
  name: RepositoryName,
  now = NOW,
  algorithm: DigestAlgorithm = 'sha256',
): Promise<UploadId> {
  const id = await uploads.begin({ random: newUploadId(), repository: name, algorithm, now });
  await uploads.acquire(name, id, { token: OPENING, now, until: now + 1 });
  await uploads.release(id, OPENING, 0, now);
  return id;
}

/** A push of the content, of a session that has its row. */
export async function beginPush(
  ports: MetadataPorts,
  name: string,
  content: string,
  now = NOW,
): Promise<BlobPush & { readonly upload: UploadId }> {
  const upload = await openUpload(ports.uploads, repository(name), now);
  return { repository: repository(name), blob: blobOf(content), upload, now };
}

/** Reserve and commit, as a push does whose bytes need no placing. */
export async function pushBlob(
  ports: MetadataPorts,
  name: string,
  content: string,
  now = NOW,
): Promise<Digest> {
  const push = await beginPush(ports, name, content, now);
  const reservation = await ports.blobs.reserve(push);
  if (reservation.kind === 'condemned') throw new Error('condemned');
  if (reservation.kind === 'reserved') {
    const committed = await ports.blobs.commit(push, reservation.contentId);
    if (!committed) throw new Error('the reservation ran out');
  }
  return push.blob.digest;
}

interface ImageOptions {
  readonly layers?: readonly string[];
  readonly subject?: Digest;
  readonly artifactType?: string;
  readonly note?: string;
}

const describe = (digest: Digest, mediaType: string, size = 1): object => ({
  mediaType,
  digest: digest.toString(),
  size,
});

/** An image over blobs given by their contents. */
export function image(
  config: string,
  { layers = [], subject, artifactType, note }: ImageOptions = {},
): Manifest {
  const blob = (content: string, type: string): object => {
    const { digest, size } = blobOf(content);
    return describe(digest, `application/vnd.example.${type}`, size);
  };
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    artifactType,
    config: blob(config, 'config'),
    layers: layers.map((layer) => blob(layer, 'layer')),
    subject: subject && describe(subject, MEDIA_TYPES.ociManifest),
    annotations: note === undefined ? undefined : { note },
  });
  return parseManifest(Buffer.from(body), MEDIA_TYPES.ociManifest);
}

/** An index that lists manifests, or blobs as old build caches do. */
export function index(children: readonly Digest[], note = ''): Manifest {
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociIndex,
    manifests: children.map((digest) => describe(digest, MEDIA_TYPES.ociManifest)),
    annotations: { note },
  });
  return parseManifest(Buffer.from(body), MEDIA_TYPES.ociIndex);
}

export function put(
  ports: MetadataPorts,
  name: string,
  manifest: Manifest,
  options: { readonly tags?: readonly string[]; readonly sparse?: boolean; readonly now?: number } = {},
): Promise<PutOutcome> {
  const { tags = [], sparse = false, now = NOW } = options;
  return ports.manifests.put({ repository: repository(name), manifest, tags: tags.map(tag), sparse, now });
}

/** Pushes the image's blobs, then the image. */
export async function pushImage(
  ports: MetadataPorts,
  name: string,
  config: string,
  options: ImageOptions & { readonly tags?: readonly string[] } = {},
): Promise<Manifest> {
  for (const content of [config, ...(options.layers ?? [])]) await pushBlob(ports, name, content);
  const manifest = image(config, options);
  const outcome = await put(ports, name, manifest, { tags: options.tags ?? [] });
  if (outcome.kind !== 'stored') throw new Error(`the image was not stored: ${outcome.kind}`);
  return manifest;
}
