/** Where a trial's certificates are. */
export interface TrialCertificateFiles {
  /** What clients have to trust. */
  readonly authority: string;
  readonly authorityKey: string;
  /** The server's certificate, and the CA's behind it. */
  readonly certificate: string;
  readonly key: string;
  /** The end of their validity, in milliseconds since 1970. */
  readonly validUntil: number;
}

/** One of the files is there already, and nothing was written. */
export class CertificateFileExists extends Error {
  override readonly name = 'CertificateFileExists';
  readonly path: string;

  constructor(path: string) {
    super(`${path} is there already`);
    this.path = path;
  }
}

/** Makes certificates to try a registry over TLS with, where nobody has any. */
export interface TrialCertificates {
  /**
   * Makes a CA and a server's certificate, in a folder that is made when it is not there. Keys can be read by their
   * owner alone.
   * @param hosts names and addresses of the server: `registry.lan`, `*.lan`, `192.0.2.1`
   * @throws CertificateFileExists; the system's error
   */
  make(hosts: readonly string[], folder: string): Promise<TrialCertificateFiles>;
}
