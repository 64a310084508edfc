/**
 * Why a storage operation failed, as far as a client or an operator can act on it. `unsupported`: this storage can not do
 * it, however often it is tried; the message is a sentence without its full stop.
 */
export type StorageFaultKind =
  'full' | 'read-only' | 'too-many-open-files' | 'denied' | 'unsupported' | 'broken';

/** The medium failed: a fault of the program's surroundings, with the system's error as its cause. */
export class StorageFault extends Error {
  override readonly name = 'StorageFault';
  readonly kind: StorageFaultKind;

  constructor(kind: StorageFaultKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}
