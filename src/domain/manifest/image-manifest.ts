import { parseDescriptor, type Descriptor } from '../content/descriptor.js';
import { Layer } from '../content/layer.js';
import { ManifestInvalid } from './manifest-errors.js';

/** An image or artifact: a config and its layers (image-spec "Image Manifest", Docker schema 2). */
export interface ImageManifest {
  readonly kind: 'image';
  readonly config: Descriptor;
  readonly layers: readonly Layer[];
}

/** @throws ManifestInvalid */
export function parseImageManifest(fields: Readonly<Record<string, unknown>>): ImageManifest {
  if ('manifests' in fields) {
    throw new ManifestInvalid(
      'an image manifest has no "manifests": a document must not be readable as both kinds',
    );
  }
  if (!Array.isArray(fields['layers'])) throw new ManifestInvalid('an image manifest has an array "layers"');
  return {
    kind: 'image',
    config: parseDescriptor(fields['config'], 'config'),
    layers: fields['layers'].map((layer, at) => new Layer(parseDescriptor(layer, `layers[${at}]`))),
  };
}
