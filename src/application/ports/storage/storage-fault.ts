/**
 * Why a storage operation failed, as far as a client or an operator can act on it. `unavailable`: the storage as a whole
 * does not answer, or lets nobody in; it says nothing of the path that was asked for. `unsupported`: this storage can not
 * do it, however often it is tried; the message is a sentence without its full stop.
 */
export type StorageFaultKind =
  'full' | 'read-only' | 'too-many-open-files' | 'denied' | 'unavailable' | 'unsupported' | 'broken';

/** The medium failed: a fault of the program's surroundings, with the system's error as its cause. */
export class StorageFault extends Error {
  override readonly name = 'StorageFault';
  readonly kind: StorageFaultKind;

  constructor(kind: StorageFaultKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }

  /** Whether it may be about the path that was asked for alone: others can be asked for. */
  get concernsPath(): boolean {
    return this.kind === 'broken' || this.kind === 'denied';
  }

  /** Whether what was tried may have been done all the same. */
  get leavesDoubt(): boolean {
    return this.kind === 'broken' || this.kind === 'unavailable';
  }
}
