import type { Container } from 'inversify';
import type { ConfigurationReport } from '../application/ports/system/configuration-reader.js';
import { allRight } from '../application/services/all-right.js';
import { placeOfKey } from '../infrastructure/config/place-of-key.js';
import { warnOfExpired } from './reload/certificates.js';
import { TOKENS as T } from './tokens.js';

/**
 * Reads the files that the configuration names, before anything else is done: what is wrong with them is wrong with the
 * configuration.
 * @throws ConfigurationError
 */
export async function openNamedFiles(container: Container, report: ConfigurationReport): Promise<void> {
  const works = [container.getAsync(T.authenticator), openCertificate(container)];
  await allRight<unknown>(works, (key) => placeOfKey(report, key));
}

async function openCertificate(container: Container): Promise<void> {
  const files = await container.getAsync(T.tlsFiles);
  if (files !== undefined) warnOfExpired(files.inForce, container.get(T.clock), container.get(T.logger));
}
