import { Unavailable } from '../../../domain/errors.js';

/** The database was locked by another process for longer than a request may wait, or its disk is full. */
export class MetadataUnavailable extends Unavailable {
  constructor(message: string, retryAfter: number, cause?: unknown) {
    super(message, retryAfter);
    this.cause = cause;
  }
}
