import type { Logger } from '../application/ports/system/logger.js';
import { TlsFileRefused } from '../infrastructure/tls/tls-file-refused.js';
import type { TlsFiles } from '../infrastructure/tls/tls-files.js';
import type { HttpServer } from '../interfaces/http/server.js';

/** Lets the server use what has changed in its files. What cannot be used changes nothing, and is logged once. */
export async function renewCertificates(files: TlsFiles, server: HttpServer, logger: Logger): Promise<void> {
  try {
    const renewed = await files.reread();
    if (renewed === undefined) return;
    server.renewTls(renewed.context);
    logger.info('certificate was read anew', { validUntil: renewed.validUntil.toISOString() });
  } catch (error) {
    if (!(error instanceof TlsFileRefused)) throw error;
    const { key, file, message } = error;
    logger.error('certificate was not read anew: the one before stays in force', {
      key,
      file,
      reason: message,
    });
  }
}
