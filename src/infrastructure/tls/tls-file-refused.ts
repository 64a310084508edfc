import { NamedFileRefused } from '../../application/ports/system/named-file-refused.js';

/** A file of `http.tls` cannot be used. The message says which and why: `/etc/x.crt does not exist`. */
export class TlsFileRefused extends NamedFileRefused {
  override readonly name = 'TlsFileRefused';
  readonly file: string;

  constructor(key: string, file: string, why: string, options?: ErrorOptions) {
    super(key, `${file} ${why}`, { ...options, sentence: `${file} ${why}.` });
    this.file = file;
  }
}
