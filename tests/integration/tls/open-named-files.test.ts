import { join } from 'node:path';
import { Container } from 'inversify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigurationReport } from '../../../src/application/ports/system/configuration-reader.js';
import { openNamedFiles } from '../../../src/container/open-named-files.js';
import { tlsModule } from '../../../src/container/modules/tls.module.js';
import { TOKENS as T } from '../../../src/container/tokens.js';
import type { Config, TlsConfig } from '../../../src/infrastructure/config/config.js';
import { ManualClock } from '../../support/fakes.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';
import { makeCertificates, type TestCertificates } from '../../support/test-certificates.js';
import { RecordingLogger } from '../../unit/observability/recording-logger.js';

const DAY = 86_400_000;
const REPORT: ConfigurationReport = {
  file: 'config.yml',
  values: [
    { key: 'http.tls.certificate', value: 'x', origin: { kind: 'file', path: 'config.yml', line: 7 } },
    { key: 'http.tls.key', value: 'x', origin: { kind: 'environment', variable: 'REGISTRY_HTTP_TLS_KEY' } },
  ],
  notices: [],
  warnings: [],
};

describe('the files of http.tls at the start', () => {
  let temp: TempDir;
  let made: TestCertificates;
  const logger = new RecordingLogger();

  beforeEach(async () => {
    temp = await makeTempDir();
    made = await makeCertificates(join(temp.path, 'tls'));
    logger.lines.length = 0;
  });
  afterEach(async () => temp.remove());

  async function load(more: Partial<TlsConfig>, daysLater: number): Promise<void> {
    const tls: TlsConfig = {
      certificate: made.certificate,
      key: made.key,
      clientcas: [],
      clientauth: 'request-client-cert',
      minimumtls: 'tls1.2',
      ciphersuites: [],
      ...more,
    };
    const clock = new ManualClock();
    clock.advance(Date.now() + daysLater * DAY - clock.now());
    const container = new Container({ defaultScope: 'Singleton' });
    container.load(tlsModule);
    container.bind(T.config).toConstantValue({ http: { tls } } as Config);
    container.bind(T.authenticator).toConstantValue(undefined);
    container.bind(T.clock).toConstantValue(clock);
    container.bind(T.logger).toConstantValue(logger);
    await openNamedFiles(container, REPORT);
  }

  it('are warned of when the certificate has expired', async () => {
    await load({}, 396);
    expect(logger.lines).toEqual([]);
    await load({}, 398);
    expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'certificate has expired: clients will refuse it'],
    ]);
  });

  it.each([
    ['certificate', 'http.tls.certificate (config.yml:7)'],
    ['key', 'http.tls.key (REGISTRY_HTTP_TLS_KEY)'],
  ])('are a fault of the configuration when the %s cannot be used', async (name, place) => {
    const file = join(temp.path, 'missing');
    await expect(load({ [name]: file }, 0)).rejects.toMatchObject({
      name: 'ConfigurationError',
      problems: [`${place}: ${file} does not exist.`],
    });
  });
});
