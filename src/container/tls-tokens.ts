import type { TlsFiles } from '../infrastructure/tls/tls-files.js';
import type { TlsCommand } from '../interfaces/cli/commands/tls-group.js';
import type { Job } from '../interfaces/jobs/scheduled-jobs.js';
import type { Certificates } from './reload/certificates.js';
import { token } from './token.js';

/** What concerns certificates. */
export const TLS_TOKENS = {
  /** Undefined: connections are not encrypted. */
  tlsFiles: token<TlsFiles | undefined>('TlsFiles'),
  certificates: token<Certificates | undefined>('Certificates'),
  certificateJobs: token<readonly Job[]>('CertificateJobs'),
  tlsCommand: token<TlsCommand>('TlsCommand'),
} as const;
