import { Connection } from './connection.js';
import { sha256 } from './content.js';
import { pushManifest, pushSmallBlob } from './push.js';

export const IMAGE_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

export interface SampleImage {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  readonly layer: string;
  /** Of the manifest. */
  readonly bytes: Buffer;
}

/** Pushes an image of one small layer; its manifest is of the usual size, about 500 bytes. */
export async function pushSampleImage(port: number, repository: string): Promise<SampleImage> {
  const connection = await Connection.open(port);
  try {
    const config = Buffer.from(
      JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers' } }),
    );
    const layer = Buffer.alloc(4096, 7);
    const configDigest = await pushSmallBlob(connection, repository, config);
    const layerDigest = await pushSmallBlob(connection, repository, layer);
    const manifest = {
      schemaVersion: 2,
      mediaType: IMAGE_MANIFEST,
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: configDigest,
        size: config.length,
      },
      layers: [
        { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: layerDigest, size: layer.length },
      ],
      annotations: { 'org.opencontainers.image.title': 'benchmark' },
    };
    const bytes = Buffer.from(JSON.stringify(manifest));
    await pushManifest(connection, repository, 'latest', { mediaType: IMAGE_MANIFEST, bytes });
    return { repository, tag: 'latest', digest: sha256(bytes), layer: layerDigest, bytes };
  } finally {
    connection.close();
  }
}
