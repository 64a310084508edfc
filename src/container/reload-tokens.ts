import type { Reloadable } from '../application/ports/system/reloadable.js';
import type { Config } from '../infrastructure/config/config.js';
import type { Redirects } from '../interfaces/http/presenters/redirects.js';
import type { Job } from '../interfaces/jobs/scheduled-jobs.js';
import type { ConfigInForce } from './config-in-force.js';
import { token } from './token.js';

/** What changes while the registry runs. */
export const RELOAD_TOKENS = {
  configInForce: token<ConfigInForce>('ConfigInForce'),
  redirects: token<Redirects>('Redirects'),
  /** Those that run by the configuration in force. */
  listJobs: token<() => readonly Job[]>('ListJobs'),
  logTerms: token<Reloadable<Config>>('LogTerms'),
  storageTerms: token<Reloadable<Config>>('StorageTerms'),
  requestTerms: token<Reloadable<Config>>('RequestTerms'),
  notificationTerms: token<Reloadable<Config>>('NotificationTerms'),
  jobTerms: token<Reloadable<Config>>('JobTerms'),
  /** In the order in which they take it. */
  reloadables: token<readonly Reloadable<Config>[]>('Reloadables'),
} as const;
