import { ManifestUnknown } from '../../../domain/manifest/manifest-errors.js';
import type { Reference } from '../../../domain/manifest/reference.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { ManifestEntry, ManifestIndex } from '../../ports/metadata/manifest-index.js';

/** Says what a tag or digest names, without the bytes (OCI end-3, HEAD). */
export class StatManifest {
  readonly #manifests: ManifestIndex;

  constructor(manifests: ManifestIndex) {
    this.#manifests = manifests;
  }

  /** @throws ManifestUnknown */
  async execute(request: { repository: RepositoryName; reference: Reference }): Promise<ManifestEntry> {
    const { repository, reference } = request;
    const entry = await this.#manifests.find(repository, reference);
    if (entry === undefined) throw new ManifestUnknown(repository.toString(), reference.toString());
    return entry;
  }
}
