import { RegistryError } from '../errors.js';
import type { UploadId } from './upload-id.js';
import type { RepositoryName } from '../repository/repository-name.js';

/** The repository has no such upload session, or has it no longer (404). */
export class UploadUnknown extends RegistryError {
  override readonly name = 'UploadUnknown';

  constructor(id: string) {
    super('BLOB_UPLOAD_UNKNOWN', 'the repository has no such upload session; begin a new one with POST', {
      id,
    });
  }
}

/** The request does not fit the protocol of uploads (400). */
export class UploadInvalid extends RegistryError {
  override readonly name = 'UploadInvalid';

  constructor(message: string, detail?: unknown) {
    super('BLOB_UPLOAD_INVALID', message, detail);
  }
}

/**
 * The bytes offered do not continue what the session has, or another request is writing to it (416). The session
 * lives on; `offset` is the number of bytes it has, where the client may go on.
 */
export class UploadOutOfOrder extends RegistryError {
  override readonly name = 'UploadOutOfOrder';
  readonly repository: RepositoryName;
  readonly id: UploadId;
  readonly offset: number;

  constructor(session: { repository: RepositoryName; id: UploadId; offset: number }, message: string) {
    super('UPLOAD_OUT_OF_ORDER', message, { offset: session.offset });
    this.repository = session.repository;
    this.id = session.id;
    this.offset = session.offset;
  }
}
