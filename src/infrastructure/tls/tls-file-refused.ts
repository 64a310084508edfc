/** A file of `http.tls` cannot be used. The message says which and why: `/etc/x.crt does not exist`. */
export class TlsFileRefused extends Error {
  override readonly name = 'TlsFileRefused';
  /** The key that names the file: `http.tls.certificate`. */
  readonly key: string;
  readonly file: string;

  constructor(key: string, file: string, why: string, options?: ErrorOptions) {
    super(`${file} ${why}`, options);
    this.key = key;
    this.file = file;
  }
}
