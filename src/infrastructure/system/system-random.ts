import { randomBytes, randomUUID } from 'node:crypto';
import type { Random } from '../../application/ports/system/random.js';
import { UploadId } from '../../domain/upload/upload-id.js';

const TOKEN_BYTES = 16;

export class SystemRandom implements Random {
  uploadId(): UploadId {
    return UploadId.fromUuid(randomUUID());
  }

  token(): Buffer {
    return randomBytes(TOKEN_BYTES);
  }

  uuid(): string {
    return randomUUID();
  }
}
