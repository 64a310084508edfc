import type { UploadId } from '../../../domain/upload/upload-id.js';

export interface Random {
  uploadId(): UploadId;
  /** 16 unguessable bytes, never the same twice. */
  token(): Buffer;
  /** A UUID of version 4, which costs less than a token. */
  uuid(): string;
}
