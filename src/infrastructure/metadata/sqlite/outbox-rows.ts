import type { RegistryEvent } from '../../../domain/events/registry-event.js';
import { encodeEvent } from '../sql/event-codec.js';
import { outboxStatements } from '../sql/outbox-statements.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Notes events, inside the transactions that make them happen. */
export class OutboxRows {
  readonly #add;

  constructor(database: SqliteDatabase) {
    this.#add = database.prepare(outboxStatements.add);
  }

  add(events: readonly RegistryEvent[]): void {
    for (const event of events) {
      const { time, action, target } = event;
      this.#add.run(time, target.repository, action, target.mediaType, encodeEvent(event));
    }
  }
}
