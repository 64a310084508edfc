import type { StorageDriver } from '../../src/application/ports/storage/storage-driver.js';
import { Digest, type DigestAlgorithm } from '../../src/domain/content/digest.js';
import { MEDIA_TYPES } from '../../src/domain/content/media-type.js';

export const TREE_ROOT = 'docker/registry/v2';
const REPOSITORIES = `${TREE_ROOT}/repositories`;

interface ImageParts {
  readonly layers?: readonly Digest[];
  readonly subject?: Digest;
  readonly artifactType?: string;
  readonly note?: string;
  /** Left out of the body when undefined. */
  readonly mediaType?: string | undefined;
}

/** Writes the reference registry's files into any driver, whole or broken. */
export class TreeInDriver {
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  async file(path: string, content: string | Uint8Array): Promise<void> {
    await this.#driver.putContent(path, typeof content === 'string' ? Buffer.from(content) : content);
  }

  /** Content that no repository names. */
  async blob(content: string, algorithm: DigestAlgorithm = 'sha256'): Promise<Digest> {
    const digest = Digest.of(algorithm, Buffer.from(content));
    await this.file(blobAt(digest), content);
    return digest;
  }

  async layer(repository: string, content: string): Promise<Digest> {
    const digest = await this.blob(content);
    await this.layerLink(repository, digest);
    return digest;
  }

  async layerLink(repository: string, digest: Digest): Promise<void> {
    await this.file(layerAt(repository, digest), digest.toString());
  }

  /** Any bytes as a manifest of the repository. */
  async manifest(
    repository: string,
    body: object | string,
    algorithm: DigestAlgorithm = 'sha256',
  ): Promise<Digest> {
    const digest = await this.blob(typeof body === 'string' ? body : JSON.stringify(body), algorithm);
    await this.file(revisionAt(repository, digest), digest.toString());
    return digest;
  }

  /** An image whose configuration and layers may be there or not. */
  async image(repository: string, config: Digest, parts: ImageParts = {}): Promise<Digest> {
    const { layers = [], subject, note, artifactType } = parts;
    const mediaType = 'mediaType' in parts ? parts.mediaType : MEDIA_TYPES.ociManifest;
    return this.manifest(repository, {
      schemaVersion: 2,
      mediaType,
      artifactType,
      config: descriptor(config, 'application/vnd.example.config'),
      layers: layers.map((layer) => descriptor(layer, 'application/vnd.example.layer')),
      subject: subject && descriptor(subject, MEDIA_TYPES.ociManifest),
      annotations: note === undefined ? undefined : { note },
    });
  }

  async index(repository: string, children: readonly Digest[], note = ''): Promise<Digest> {
    return this.manifest(repository, {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociIndex,
      manifests: children.map((child) => descriptor(child, MEDIA_TYPES.ociManifest)),
      annotations: { note },
    });
  }

  async tag(repository: string, tag: string, digest: Digest): Promise<void> {
    const folder = `${REPOSITORIES}/${repository}/_manifests/tags/${tag}`;
    await this.file(`${folder}/index/${digest.algorithm}/${digest.hex}/link`, digest.toString());
    await this.file(`${folder}/current/link`, digest.toString());
  }
}

export function blobAt({ algorithm, hex }: Digest): string {
  return `${TREE_ROOT}/blobs/${algorithm}/${hex.slice(0, 2)}/${hex}/data`;
}

export function layerAt(repository: string, { algorithm, hex }: Digest): string {
  return `${REPOSITORIES}/${repository}/_layers/${algorithm}/${hex}/link`;
}

export function revisionAt(repository: string, { algorithm, hex }: Digest): string {
  return `${REPOSITORIES}/${repository}/_manifests/revisions/${algorithm}/${hex}/link`;
}

function descriptor(digest: Digest, mediaType: string): object {
  return { mediaType, digest: digest.toString(), size: 1 };
}
