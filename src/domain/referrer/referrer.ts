import type { Manifest } from '../manifest/manifest.js';

/** How a list of referrers shows a manifest (OCI end-12): a descriptor in the image-spec's JSON field names. */
export interface Referrer {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export function describeReferrer(manifest: Manifest): Referrer {
  return {
    mediaType: manifest.mediaType,
    digest: manifest.digest.toString(),
    size: manifest.size,
    ...(manifest.artifactType === undefined ? {} : { artifactType: manifest.artifactType }),
    ...(manifest.annotations === undefined ? {} : { annotations: manifest.annotations }),
  };
}
