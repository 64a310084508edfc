import { ContainerModule } from 'inversify';
import { SelfSignedCertificates } from '../../infrastructure/tls/self-signed-certificates.js';
import { TlsFiles } from '../../infrastructure/tls/tls-files.js';
import { TlsCommand } from '../../interfaces/cli/commands/tls-group.js';
import { TlsSelfSignedCommand } from '../../interfaces/cli/commands/tls-self-signed.js';
import { renewCertificates } from '../renew-certificates.js';
import { TOKENS as T } from '../tokens.js';

const TWO_SECONDS = 2_000;

export const tlsModule = new ContainerModule(({ bind }) => {
  bind(T.tlsFiles).toResolvedValue(
    async ({ http: { tls } }) => (tls === undefined ? undefined : TlsFiles.load(tls)),
    [T.config],
  );
  bind(T.certificateJobs).toResolvedValue(
    (files, server, logger) => {
      if (files === undefined) return [];
      const run = async () => renewCertificates(files, server, logger);
      return [{ name: 'read certificates anew', interval: TWO_SECONDS, overlapping: false, run }];
    },
    [T.tlsFiles, T.httpServer, T.logger],
  );
  bind(T.tlsCommand).toResolvedValue(
    (clock, terminal) =>
      new TlsCommand(new TlsSelfSignedCommand(new SelfSignedCertificates(clock), terminal)),
    [T.clock, T.terminal],
  );
});
