import { RegistryError } from '../errors.js';

/** The repository has no such blob (404). */
export class BlobUnknown extends RegistryError {
  override readonly name = 'BlobUnknown';

  constructor(digest: string) {
    super('BLOB_UNKNOWN', 'the repository has no such blob', digest);
  }
}

/** The length that was announced is not that of the content (400). */
export class SizeInvalid extends RegistryError {
  override readonly name = 'SizeInvalid';

  constructor(message: string, detail?: unknown) {
    super('SIZE_INVALID', message, detail);
  }
}
