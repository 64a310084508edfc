import { randomBytes, randomUUID } from 'node:crypto';
import type { Connection } from './connection.js';
import { sha256 } from './content.js';
import { pushManifest, pushSmallBlob } from './push.js';
import { IMAGE_MANIFEST } from './sample-image.js';

const LAYERS = 5;
const LAYER = 16 * 1024;
const CONFIG = 2048;

/** An image of its own: blobs one after the other, then the manifest under a tag. Without a repository, in one of its own. */
export async function pushFreshImage(
  connection: Connection,
  { repository = `bench/${randomUUID()}`, tag = 'latest' } = {},
): Promise<{ readonly repository: string; readonly digest: string }> {
  const push = async (size: number, mediaType: string) => {
    const digest = await pushSmallBlob(connection, repository, randomBytes(size));
    return { mediaType, digest, size };
  };
  const layers = [];
  for (let each = 0; each < LAYERS; each++) {
    layers.push(await push(LAYER, 'application/vnd.oci.image.layer.v1.tar'));
  }
  const config = await push(CONFIG, 'application/vnd.oci.image.config.v1+json');
  const manifest = { schemaVersion: 2, mediaType: IMAGE_MANIFEST, config, layers };
  const bytes = Buffer.from(JSON.stringify(manifest));
  await pushManifest(connection, repository, tag, { mediaType: IMAGE_MANIFEST, bytes });
  return { repository, digest: sha256(bytes) };
}
