import { ManifestUnknown } from '../../../domain/manifest/manifest-errors.js';
import type { Reference } from '../../../domain/manifest/reference.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { ManifestIndex, StoredManifest } from '../../ports/metadata/manifest-index.js';

/** Gives the manifest that a tag or digest names (OCI end-3, GET). */
export class PullManifest {
  readonly #manifests: ManifestIndex;

  constructor(manifests: ManifestIndex) {
    this.#manifests = manifests;
  }

  /** @throws ManifestUnknown */
  async execute(request: { repository: RepositoryName; reference: Reference }): Promise<StoredManifest> {
    const { repository, reference } = request;
    const manifest = await this.#manifests.load(repository, reference);
    if (manifest === undefined) throw new ManifestUnknown(repository.toString(), reference.toString());
    return manifest;
  }
}
