import { randomBytes, randomUUID } from 'node:crypto';
import type { Random } from '../../application/ports/system/random.js';
import { UploadId } from '../../domain/upload/upload-id.js';

const TOKEN_BYTES = 16;
/** Of the 48 bits that a UUID has for it. */
const TIME_DIGITS = 12;
/** Where a UUID's text goes on behind the digit of its version. */
const BEHIND_VERSION = 15;

export class SystemRandom implements Random {
  /** By their time (RFC 9562 5.7): sessions of the same moment lie on the same page of the database. */
  uploadId(): UploadId {
    const time = Date.now().toString(16).padStart(TIME_DIGITS, '0');
    return UploadId.fromUuid(`${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(BEHIND_VERSION)}`);
  }

  token(): Buffer {
    return randomBytes(TOKEN_BYTES);
  }

  uuid(): string {
    return randomUUID();
  }
}
