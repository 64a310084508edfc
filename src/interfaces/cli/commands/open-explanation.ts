import type { ConfigurationRequest } from '../../../application/ports/system/configuration-reader.js';
import type { ExplainContent } from '../../../application/use-cases/maintenance/explain-content.js';

/** The database, open to be asked; a registry may serve meanwhile. */
export interface OpenExplanation {
  readonly explain: ExplainContent;
  close(): Promise<void>;
}

/** Throws ConfigurationError or StartFailed for what its user can put right. */
export type OpenExplanationOf = (request: ConfigurationRequest) => Promise<OpenExplanation>;
