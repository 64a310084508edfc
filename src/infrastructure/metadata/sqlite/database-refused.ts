/** The metadata database can not be used as it is; the message says why, and what can be done. */
export class DatabaseRefused extends Error {
  override readonly name = 'DatabaseRefused';
}
