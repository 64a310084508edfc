import { randomBytes } from 'node:crypto';
import { Connection } from './connection.js';
import { pushManifest, pushSmallBlob } from './push.js';
import { IMAGE_MANIFEST } from './sample-image.js';

/** Bytes of what registry 1 had as `json` of an image, as a common Dockerfile makes it. */
const JSON_SIZE = 1500;
const CONFIG_SIZE = 8192;

/** What stands for the `json` of registry 1, where an id is the digest of one of these. */
export interface LayerJson {
  readonly layer: string;
  readonly parent?: string;
}

export interface LayeredImage {
  readonly repository: string;
  readonly tag: string;
  /** A blob of the id that the tag has in registry 1, and nothing else. */
  readonly topId: string;
  readonly layers: number;
  /** Of a layer, bytes. */
  readonly size: number;
}

/** Pushes an image once, so that it can be pulled in both ways: each layer also has a blob that names its parent's. */
export async function pushLayeredImage(
  port: number,
  repository: string,
  layers: number,
  size: number,
): Promise<LayeredImage> {
  const connection = await Connection.open(port);
  try {
    const push = (bytes: Buffer) => pushSmallBlob(connection, repository, bytes);
    const descriptors = [];
    let id: string | undefined;
    for (let each = 0; each < layers; each++) {
      const layer = await push(randomBytes(size));
      descriptors.push({ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: layer, size });
      const json = JSON.stringify({ layer, parent: id });
      id = await push(Buffer.from(json.padEnd(JSON_SIZE)));
    }
    const config = {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: await push(randomBytes(CONFIG_SIZE)),
      size: CONFIG_SIZE,
    };
    const manifest = { schemaVersion: 2, mediaType: IMAGE_MANIFEST, config, layers: descriptors };
    const bytes = Buffer.from(JSON.stringify(manifest));
    await pushManifest(connection, repository, 'latest', { mediaType: IMAGE_MANIFEST, bytes });
    return { repository, tag: 'latest', topId: await push(Buffer.from(id ?? '')), layers, size };
  } finally {
    connection.close();
  }
}
