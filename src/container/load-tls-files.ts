import type { Container } from 'inversify';
import {
  ConfigurationError,
  type ConfigurationReport,
} from '../application/ports/system/configuration-reader.js';
import { placeOf } from '../infrastructure/config/source-node.js';
import { TlsFileRefused } from '../infrastructure/tls/tls-file-refused.js';
import { TOKENS as T } from './tokens.js';

/**
 * Reads the files of `http.tls` before anything else is done: what is wrong with them is wrong with the configuration.
 * @throws ConfigurationError
 */
export async function loadTlsFiles(container: Container, { values }: ConfigurationReport): Promise<void> {
  try {
    const files = await container.getAsync(T.tlsFiles);
    if (files === undefined) return;
    const { validUntil } = files.inForce;
    if (validUntil.getTime() > container.get(T.clock).now()) return;
    const fields = { validUntil: validUntil.toISOString() };
    container.get(T.logger).warn('certificate has expired: clients will refuse it', fields);
  } catch (error) {
    if (!(error instanceof TlsFileRefused)) throw error;
    const origin = values.find(({ key }) => key === error.key)?.origin ?? { kind: 'default' };
    throw new ConfigurationError([`${error.key} (${placeOf(origin)}): ${error.message}.`]);
  }
}
