/** The metadata database can not be used as it is; the message says why, and what can be done. */
export class DatabaseRefused extends Error {
  override readonly name = 'DatabaseRefused';
  /** True when it is not ours to replace: a database of another program, or of a newer version of this one. */
  readonly mustStay: boolean;

  constructor(message: string, { cause, mustStay = false }: { cause?: unknown; mustStay?: boolean } = {}) {
    super(message, { cause });
    this.mustStay = mustStay;
  }
}
