import { parseDescriptor, type Descriptor } from '../content/descriptor.js';
import { ManifestInvalid } from './manifest-errors.js';

/** A list of manifests, mostly one for each platform (image-spec "Image Index", Docker manifest list). */
export interface ImageIndex {
  readonly kind: 'index';
  readonly children: readonly Descriptor[];
}

/** @throws ManifestInvalid */
export function parseImageIndex(fields: Readonly<Record<string, unknown>>): ImageIndex {
  if ('config' in fields || 'layers' in fields) {
    throw new ManifestInvalid(
      'an index has no "config" or "layers": a document must not be readable as both kinds',
    );
  }
  if (!Array.isArray(fields['manifests'])) throw new ManifestInvalid('an index has an array "manifests"');
  return {
    kind: 'index',
    children: fields['manifests'].map((child, at) => parseDescriptor(child, `manifests[${at}]`)),
  };
}
