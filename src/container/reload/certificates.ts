import type { Clock } from '../../application/ports/system/clock.js';
import type { Logger } from '../../application/ports/system/logger.js';
import type { Apply, Reloadable } from '../../application/ports/system/reloadable.js';
import type { Config } from '../../infrastructure/config/config.js';
import type { TlsMaterial } from '../../infrastructure/tls/read-tls-files.js';
import { TlsFileRefused } from '../../infrastructure/tls/tls-file-refused.js';
import type { TlsFiles } from '../../infrastructure/tls/tls-files.js';
import type { HttpServer } from '../../interfaces/http/server.js';

/** Lets the server use what is in its files: after a reload, and by itself when they have changed. */
export class Certificates implements Reloadable<Config> {
  readonly #files: TlsFiles;
  readonly #server: HttpServer;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(files: TlsFiles, server: HttpServer, clock: Clock, logger: Logger) {
    this.#files = files;
    this.#server = server;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** @throws TlsFileRefused */
  async prepare({ http: { tls } }: Config): Promise<Apply> {
    if (tls === undefined) throw new Error('TLS is switched off by a restart alone');
    const accept = await this.#files.prepare(tls);
    return () => this.#use(accept());
  }

  /** What cannot be used changes nothing, and is logged once. */
  async look(): Promise<void> {
    try {
      const renewed = await this.#files.reread();
      if (renewed === undefined) return;
      this.#use(renewed);
      this.#logger.info('certificate was read anew', { validUntil: renewed.validUntil.toISOString() });
    } catch (error) {
      if (!(error instanceof TlsFileRefused)) throw error;
      const { key, file, message } = error;
      this.#logger.error('certificate was not read anew: the one before stays in force', {
        key,
        file,
        reason: message,
      });
    }
  }

  #use(material: TlsMaterial): void {
    this.#server.renewTls(material.context);
    warnOfExpired(material, this.#clock, this.#logger);
  }
}

export function warnOfExpired({ validUntil }: TlsMaterial, clock: Clock, logger: Logger): void {
  if (validUntil.getTime() > clock.now()) return;
  logger.warn('certificate has expired: clients will refuse it', { validUntil: validUntil.toISOString() });
}
