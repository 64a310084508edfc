import { randomBytes, randomUUID } from 'node:crypto';
import type { Connection } from './connection.js';
import { sha256 } from './content.js';
import { pushManifest, pushSmallBlob } from './push.js';
import { IMAGE_MANIFEST } from './sample-image.js';

export const LAYERS = 5;
const LAYER = 16 * 1024;
const CONFIG = 2048;
const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar';
const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';

/** Those of one client. */
export type Connections = readonly [Connection, ...Connection[]];

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** An image of its own: blobs one after the other, then the manifest under a tag. Without a repository, in one of its own. */
export async function pushFreshImage(
  connection: Connection,
  { repository = newRepository(), tag = 'latest' } = {},
): Promise<{ readonly repository: string; readonly digest: string }> {
  const layers: Descriptor[] = [];
  for (let each = 0; each < LAYERS; each++) {
    layers.push(await pushBlob(connection, repository, LAYER, LAYER_TYPE));
  }
  const config = await pushBlob(connection, repository, CONFIG, CONFIG_TYPE);
  const digest = await pushImageManifest(connection, repository, tag, config, layers);
  return { repository, digest };
}

/** The same with its layers at once, one for each connection, as docker, podman and crane push them. */
export async function pushLayersAtOnce(connections: Connections): Promise<void> {
  const repository = newRepository();
  const layers = await Promise.all(
    connections.map((connection) => pushBlob(connection, repository, LAYER, LAYER_TYPE)),
  );
  const [connection] = connections;
  const config = await pushBlob(connection, repository, CONFIG, CONFIG_TYPE);
  await pushImageManifest(connection, repository, 'latest', config, layers);
}

function newRepository(): string {
  return `bench/${randomUUID()}`;
}

async function pushBlob(
  connection: Connection,
  repository: string,
  size: number,
  mediaType: string,
): Promise<Descriptor> {
  const digest = await pushSmallBlob(connection, repository, randomBytes(size));
  return { mediaType, digest, size };
}

async function pushImageManifest(
  connection: Connection,
  repository: string,
  tag: string,
  config: Descriptor,
  layers: readonly Descriptor[],
): Promise<string> {
  const manifest = { schemaVersion: 2, mediaType: IMAGE_MANIFEST, config, layers };
  const bytes = Buffer.from(JSON.stringify(manifest));
  await pushManifest(connection, repository, tag, { mediaType: IMAGE_MANIFEST, bytes });
  return sha256(bytes);
}
