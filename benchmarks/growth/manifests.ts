import { sha256 } from '../load/content.js';
import { IMAGE_MANIFEST } from '../load/sample-image.js';
import type { PushedManifest } from './growing.js';

const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json';
const ARTIFACT_TYPES = ['application/vnd.example.signature', 'application/vnd.example.sbom'] as const;

/** What a manifest of something that is no image references as its config and its only layer. */
export const EMPTY = Buffer.from('{}');
/** A layer that all images share. */
export const BASE = Buffer.alloc(64, 7);

function descriptor(mediaType: string, bytes: Buffer) {
  return { mediaType, digest: sha256(bytes), size: bytes.length };
}

/** The config of the image with this number: no two are alike. */
export function configOf(number: number): Buffer {
  return Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', author: `number ${number}` }));
}

export function imageOf(number: number): PushedManifest {
  const manifest = {
    schemaVersion: 2,
    mediaType: IMAGE_MANIFEST,
    config: descriptor(CONFIG, configOf(number)),
    layers: [descriptor(LAYER, BASE)],
  };
  return { mediaType: IMAGE_MANIFEST, bytes: Buffer.from(JSON.stringify(manifest)) };
}

/** A signature or a list of contents, in turn, of the subject. */
export function referrerOf(subject: PushedManifest, number: number | string): PushedManifest {
  const empty = descriptor(EMPTY_TYPE, EMPTY);
  const manifest = {
    schemaVersion: 2,
    mediaType: IMAGE_MANIFEST,
    artifactType: ARTIFACT_TYPES[Number(number) % 2 === 1 ? 1 : 0],
    config: empty,
    layers: [empty],
    subject: descriptor(subject.mediaType, subject.bytes),
    annotations: { 'org.example.number': String(number) },
  };
  return { mediaType: IMAGE_MANIFEST, bytes: Buffer.from(JSON.stringify(manifest)) };
}
