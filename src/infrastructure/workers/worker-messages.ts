import type { ConfigurationReport } from '../../application/ports/system/configuration-reader.js';
import type { ReloadOutcome } from '../../application/use-cases/maintenance/reload-configuration.js';
import type { Config } from '../config/config.js';
import type { MetricSamples } from '../observability/prometheus-metrics.js';

/** What a worker is started with: it reads no configuration by itself, so all of them always have the same. */
export interface WorkerStart {
  readonly config: Config;
  readonly report: ConfigurationReport;
  /** Whether it does the background work of all. */
  readonly leads: boolean;
  /** Whether it is the one whose start is the start of the registry. */
  readonly isFirst: boolean;
}

/** How a worker is. */
export interface WorkerReport {
  readonly metrics: MetricSamples;
  /** Failing health checks by name, with what is wrong. */
  readonly failing: Readonly<Record<string, string>>;
  /** Why no request should come to it, as sentences without their full stops. */
  readonly reasons: readonly string[];
}

/** A file that a new configuration names, and that this worker cannot use. */
export interface Refusal {
  readonly key: string;
  readonly sentence: string;
}

/** What became of a configuration that a worker was to prepare. */
export type Preparation =
  | { readonly kind: 'prepared' }
  | { readonly kind: 'refused'; readonly refusals: readonly Refusal[] }
  | { readonly kind: 'failed' };

/** Why a worker could not start. `problems` are those of the configuration. */
export type StartFailure =
  | { readonly kind: 'configuration'; readonly problems: readonly string[] }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'fault'; readonly message: string };

/** What the primary is asked for an answer to. */
export type Question =
  { readonly about: 'report' } | { readonly about: 'preparation'; readonly config: Config };

export interface Answers {
  readonly report: WorkerReport;
  readonly preparation: Preparation;
}

/** From the process that was started to the workers that it has forked. */
export type ToWorker =
  | { readonly kind: 'start'; readonly start: WorkerStart }
  | { readonly kind: 'lead' }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  /** Puts in force what was prepared last. */
  | { readonly kind: 'apply' }
  | { readonly kind: 'reloaded'; readonly id: number; readonly outcome: ReloadOutcome | undefined }
  | { readonly kind: 'stop' };

/** From a worker to the process that has forked it. */
export type FromWorker =
  /** It runs, and waits for its start. */
  | { readonly kind: 'up' }
  /** It answers requests. */
  | { readonly kind: 'serving'; readonly lines: readonly string[] }
  /** It knows the whole tree: others need not compare it with the database. */
  | { readonly kind: 'compared' }
  | { readonly kind: 'failed'; readonly failure: StartFailure }
  /** It can not be known any more what is durable: nobody may go on. */
  | { readonly kind: 'fatal' }
  /** Whole log lines. */
  | { readonly kind: 'log'; readonly lines: Uint8Array }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  /** Somebody has asked it for a reload. */
  | { readonly kind: 'reload'; readonly id: number };
