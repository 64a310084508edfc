import type { ReadManifest } from './read-stored-manifest.js';

/** Bytes of their bodies; what was made of them is a few times as much. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Manifests that are needed once more soon: the first that fit. */
export class KeptManifests {
  readonly #kept = new Map<string, ReadManifest>();
  #bytes = 0;

  put(read: ReadManifest): void {
    const { digest, bytes } = read.manifest;
    if (this.#bytes + bytes.length > MOST_BYTES) return;
    this.#bytes += bytes.length;
    this.#kept.set(digest.toString(), read);
  }

  get(digest: string): ReadManifest | undefined {
    return this.#kept.get(digest);
  }
}
