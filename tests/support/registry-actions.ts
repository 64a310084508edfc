import { MEDIA_TYPES } from '../../src/domain/content/media-type.js';
import { digestOf, type Answer, type HttpClient } from './http-client.js';

/** Pushes a blob with one request and returns its digest. */
export async function pushBlob(
  client: HttpClient,
  repository: string,
  content: string | Uint8Array,
  algorithm = 'sha256',
): Promise<string> {
  const digest = digestOf(content, algorithm);
  const started = await client.send({ method: 'POST', path: `/v2/${repository}/blobs/uploads/` });
  const location = String(started.headers.location);
  const path = `${location}&digest=${encodeURIComponent(digest)}`;
  const answer = await client.send({ method: 'PUT', path, body: content });
  if (answer.status !== 201) throw new Error(`push of a blob: ${answer.status} ${answer.body.toString()}`);
  return digest;
}

export interface ImageOptions {
  readonly layers?: readonly string[];
  readonly subject?: { readonly mediaType: string; readonly digest: string; readonly size: number };
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An image manifest over blobs that `pushBlob` has pushed or not: config and layers by their contents. */
export function imageManifest(config: string, options: ImageOptions = {}): string {
  const describe = (mediaType: string, content: string): object => ({
    mediaType,
    digest: digestOf(content),
    size: Buffer.byteLength(content),
  });
  const { layers = [], ...others } = options;
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: describe('application/vnd.oci.image.config.v1+json', config),
    layers: layers.map((layer) => describe('application/vnd.oci.image.layer.v1.tar', layer)),
    ...others,
  });
}

export function indexManifest(children: readonly string[]): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociIndex,
    manifests: children.map((child) => ({
      mediaType: MEDIA_TYPES.ociManifest,
      digest: digestOf(child),
      size: Buffer.byteLength(child),
    })),
  });
}

export async function putManifest(
  client: HttpClient,
  repository: string,
  reference: string,
  manifest: string,
  contentType: string = MEDIA_TYPES.ociManifest,
): Promise<Answer> {
  return client.send({
    method: 'PUT',
    path: `/v2/${repository}/manifests/${reference}`,
    headers: { 'content-type': contentType },
    body: manifest,
  });
}

/** Pushes config, layers and manifest of an image and returns the manifest. */
export async function pushImage(
  client: HttpClient,
  repository: string,
  reference: string | undefined,
  config: string,
  options: ImageOptions = {},
): Promise<string> {
  await pushBlob(client, repository, config);
  for (const layer of options.layers ?? []) await pushBlob(client, repository, layer);
  const manifest = imageManifest(config, options);
  const answer = await putManifest(client, repository, reference ?? digestOf(manifest), manifest);
  if (answer.status !== 201)
    throw new Error(`push of a manifest: ${answer.status} ${answer.body.toString()}`);
  return manifest;
}
