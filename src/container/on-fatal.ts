import type { Logger } from '../application/ports/system/logger.js';
import type { OnFatal } from '../infrastructure/metadata/sqlite/sqlite-database.js';
import type { DroppingWriter } from '../infrastructure/observability/dropping-writer.js';

/** How long (ms) the end of the process waits for its last log lines. */
const LAST_LINES = 1_000;

/** Ends the process with a line that says why. @param before what is done when the line is written */
export function onFatal(
  logger: Logger,
  writer: DroppingWriter,
  before: () => Promise<void> = () => Promise.resolve(),
): OnFatal {
  return (reason, cause) => {
    logger.error(`${reason}; the registry stops`, { error: cause });
    void writer
      .flush(LAST_LINES)
      .then(before)
      .finally(() => process.exit(1));
  };
}
