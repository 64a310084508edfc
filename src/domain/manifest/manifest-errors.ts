import { RegistryError, type Problem } from '../errors.js';

/** The manifest breaks a rule of its format (400). */
export class ManifestInvalid extends RegistryError {
  override readonly name = 'ManifestInvalid';

  constructor(message: string, detail?: unknown) {
    super('MANIFEST_INVALID', message, detail);
  }
}

/** The repository has no such manifest (404). */
export class ManifestUnknown extends RegistryError {
  override readonly name = 'ManifestUnknown';

  constructor(repository: string, reference: string) {
    super('MANIFEST_UNKNOWN', 'the repository has no such manifest', { name: repository, reference });
  }
}

/** Over the limit of 4 MiB (413; distribution-spec "Pushing Manifests"). `limit` is in bytes. */
export class ManifestTooLarge extends RegistryError {
  override readonly name = 'ManifestTooLarge';

  constructor(limit: number) {
    super('MANIFEST_TOO_LARGE', `a manifest may have at most ${limit} bytes`, { limit });
  }
}

/** The manifest names content that the repository does not hold; each missing digest is a problem of its own (400). */
export class ManifestBlobUnknown extends RegistryError {
  override readonly name = 'ManifestBlobUnknown';
  readonly #missing: readonly string[];

  constructor(missing: readonly string[]) {
    super('MANIFEST_BLOB_UNKNOWN', 'the manifest references content that the repository does not hold');
    this.#missing = missing;
  }

  override get problems(): readonly Problem[] {
    return this.#missing.map((digest) => ({
      code: this.code,
      message: 'the manifest references content that the repository does not hold; push it first',
      detail: { digest },
    }));
  }
}
