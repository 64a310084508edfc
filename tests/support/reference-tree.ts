import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** Below the root of the storage. */
export const TREE = 'docker/registry/v2';
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar';

export interface TreeDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface TreeImage {
  readonly config: TreeDescriptor;
  readonly layers: readonly TreeDescriptor[];
  readonly subject?: TreeDescriptor;
  readonly artifactType?: string;
}

/** Writes the files of the reference registry's tree, as it leaves them after a push, without asking a registry. */
export class ReferenceTree {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Content in the blob tree, that no repository names yet. */
  blob(content: string | Uint8Array, mediaType = OCI_LAYER): TreeDescriptor {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    const path = join(this.root, blobPath(digest));
    if (!existsSync(path)) this.file(blobPath(digest), content);
    return { mediaType, digest, size: Buffer.byteLength(content) };
  }

  config(content: object): TreeDescriptor {
    return this.blob(JSON.stringify(content), OCI_CONFIG);
  }

  /** An image in the repository: links of what it names, and its revision. */
  image(repository: string, { config, layers, ...others }: TreeImage): TreeDescriptor {
    for (const { digest } of [config, ...layers]) this.layerLink(repository, digest);
    const body = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers, ...others };
    return this.manifest(repository, JSON.stringify(body), OCI_MANIFEST);
  }

  index(repository: string, manifests: readonly TreeDescriptor[]): TreeDescriptor {
    return this.manifest(
      repository,
      JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }),
      OCI_INDEX,
    );
  }

  /** Any bytes as a manifest of the repository. */
  manifest(repository: string, body: string, mediaType: string): TreeDescriptor {
    const descriptor = this.blob(body, mediaType);
    this.file(revisionPath(repository, descriptor.digest), descriptor.digest);
    return descriptor;
  }

  layerLink(repository: string, digest: string): void {
    const path = layerPath(repository, digest);
    if (!existsSync(join(this.root, path))) this.file(path, digest);
  }

  /** Lets the tag name the digest; what it named before stays in its history. */
  tag(repository: string, tag: string, digest: string): void {
    this.file(tagPath(repository, tag), digest);
    this.file(
      `${TREE}/repositories/${repository}/_manifests/tags/${tag}/index/${folded(digest)}/link`,
      digest,
    );
  }

  /** A file anywhere below the root, over what was there, with the folders that it needs. */
  file(path: string, content: string | Uint8Array): void {
    const whole = `${this.root}/${path}`;
    mkdirSync(whole.slice(0, whole.lastIndexOf('/')), { recursive: true });
    writeFileSync(whole, content);
  }
}

export function blobPath(digest: string): string {
  const [algorithm = '', hex = ''] = digest.split(':');
  return `${TREE}/blobs/${algorithm}/${hex.slice(0, 2)}/${hex}/data`;
}

export function layerPath(repository: string, digest: string): string {
  return `${TREE}/repositories/${repository}/_layers/${folded(digest)}/link`;
}

export function revisionPath(repository: string, digest: string): string {
  return `${TREE}/repositories/${repository}/_manifests/revisions/${folded(digest)}/link`;
}

export function tagPath(repository: string, tag: string): string {
  return `${TREE}/repositories/${repository}/_manifests/tags/${tag}/current/link`;
}

function folded(digest: string): string {
  return digest.replace(':', '/');
}
