import { ContainerModule } from 'inversify';
import { TlsFiles } from '../../infrastructure/tls/tls-files.js';
import { alone } from '../../interfaces/jobs/scheduled-jobs.js';
import { Certificates } from '../reload/certificates.js';
import { TOKENS as T } from '../tokens.js';

const TWO_SECONDS = 2_000;

export const tlsModule = new ContainerModule(({ bind }) => {
  bind(T.tlsFiles).toResolvedValue(
    async ({ http: { tls } }) => (tls === undefined ? undefined : TlsFiles.load(tls)),
    [T.config],
  );
  bind(T.certificates).toResolvedValue(
    (files, server, clock, logger) => files && new Certificates(files, server, clock, logger),
    [T.tlsFiles, T.httpServer, T.clock, T.logger],
  );
  bind(T.certificateJobs).toResolvedValue(
    (certificates) => {
      if (certificates === undefined) return [];
      return [alone('read certificates anew', TWO_SECONDS, async () => certificates.look())];
    },
    [T.certificates],
  );
});
