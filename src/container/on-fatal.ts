import type { Logger } from '../application/ports/system/logger.js';
import type { OnFatal } from '../infrastructure/metadata/sqlite/sqlite-database.js';
import type { DroppingWriter } from '../infrastructure/observability/dropping-writer.js';

/** Ends the process with a line that says why. @param before what is done when the line is written */
export function onFatal(
  logger: Logger,
  writer: DroppingWriter,
  before: () => Promise<void> = () => Promise.resolve(),
): OnFatal {
  return (reason, cause) => {
    logger.error(`${reason}; the registry stops`, { error: cause });
    void writer
      .flush()
      .then(before)
      .finally(() => process.exit(1));
  };
}
