import { removalStatements } from '../sql/removal-statements.js';
import { uploadStatements } from '../sql/upload-statements.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** How much the database has of what should not grow: counted along indexes, when somebody asks. */
export class SqliteStateCounts {
  readonly #open;
  readonly #claimed;

  constructor(database: SqliteDatabase) {
    this.#open = database.prepare(uploadStatements.countOpen);
    this.#claimed = database.prepare(removalStatements.countClaimed);
  }

  /** Upload sessions that may go on. */
  openUploads(): number {
    return this.#open.get()?.open ?? 0;
  }

  /** Contents that are on their way out. */
  condemnedContents(): number {
    return this.#claimed.get()?.claimed ?? 0;
  }
}
