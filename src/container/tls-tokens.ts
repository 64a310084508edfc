import type { TlsFiles } from '../infrastructure/tls/tls-files.js';
import type { TlsCommand } from '../interfaces/cli/commands/tls-group.js';
import type { Job } from '../interfaces/jobs/scheduled-jobs.js';
import { token } from './token.js';

/** What concerns certificates. */
export const TLS_TOKENS = {
  /** Undefined: connections are not encrypted. */
  tlsFiles: token<TlsFiles | undefined>('TlsFiles'),
  certificateJobs: token<readonly Job[]>('CertificateJobs'),
  tlsCommand: token<TlsCommand>('TlsCommand'),
} as const;
