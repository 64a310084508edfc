import type { Descriptor } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import type { ImageIndex } from './image-index.js';
import type { ImageManifest } from './image-manifest.js';

/** A manifest as it was pushed: its bytes, never written anew, and what they say. */
export class Manifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly content: ImageManifest | ImageIndex;
  readonly subject: Descriptor | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
  readonly #artifactType: string | undefined;

  constructor(fields: ManifestFields) {
    this.digest = fields.digest;
    this.mediaType = fields.mediaType;
    this.bytes = fields.bytes;
    this.content = fields.content;
    this.subject = fields.subject;
    this.annotations = fields.annotations;
    this.#artifactType = fields.artifactType;
  }

  get size(): number {
    return this.bytes.length;
  }

  /**
   * What kind of artifact a list of referrers calls it: its own artifactType, else the media type of an image's
   * config (distribution-spec "Listing Referrers"). Undefined for an index without one.
   */
  get artifactType(): string | undefined {
    if (this.#artifactType !== undefined) return this.#artifactType;
    return this.content.kind === 'image' ? this.content.config.mediaType : undefined;
  }

  /**
   * What the repository must hold for this manifest to be usable, each digest once: config and layers, or the
   * children of an index. Not the subject, which may come later or never, and not foreign layers.
   */
  get references(): readonly Descriptor[] {
    const all =
      this.content.kind === 'index'
        ? this.content.children
        : [
            this.content.config,
            ...this.content.layers.filter((layer) => layer.mustExist).map((layer) => layer.descriptor),
          ];
    return [...new Map(all.map((descriptor) => [descriptor.digestText, descriptor])).values()];
  }
}

export interface ManifestFields {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly content: ImageManifest | ImageIndex;
  readonly subject: Descriptor | undefined;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}
