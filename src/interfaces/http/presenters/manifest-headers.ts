import type { ManifestEntry } from '../../../application/ports/metadata/manifest-index.js';
import type { FlatHeaders } from '../exchange.js';
import { entityTag } from '../params/conditions.js';

const cached = new WeakMap<ManifestEntry, FlatHeaders>();

/** What is fixed for a manifest, but its length: made once for each object that the index keeps. */
export function manifestHeaders(entry: ManifestEntry): FlatHeaders {
  const known = cached.get(entry);
  if (known !== undefined) return known;
  const digest = entry.digest.toString();
  const headers = [
    'Content-Type',
    entry.mediaType,
    'Docker-Content-Digest',
    digest,
    'ETag',
    entityTag(digest),
  ];
  cached.set(entry, headers);
  return headers;
}
