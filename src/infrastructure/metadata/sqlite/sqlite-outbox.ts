import type {
  EndpointProgress,
  EndpointState,
  Outbox,
  OutboxEnd,
  OutboxLimit,
  WaitingEvent,
} from '../../../application/ports/metadata/outbox.js';
import type { EventKind } from '../../../domain/events/event-filter.js';
import type { EventAction, RegistryEvent } from '../../../domain/events/registry-event.js';
import { decodeEvent } from '../sql/event-codec.js';
import { identityStatements } from '../sql/identity-statements.js';
import { outboxStatements } from '../sql/outbox-statements.js';
import { OutboxRows } from './outbox-rows.js';
import type { SqliteDatabase } from './sqlite-database.js';

export class SqliteOutbox implements Outbox {
  readonly #database: SqliteDatabase;
  readonly #rows: OutboxRows;
  readonly #after;
  readonly #payload;
  readonly #lastEvent;
  readonly #firstAfter;
  readonly #oldest;
  readonly #removeThrough;
  readonly #endpoints;
  readonly #register;
  readonly #forget;
  readonly #advance;
  readonly #drop;
  readonly #askRetry;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#rows = new OutboxRows(database);
    this.#after = database.prepare(outboxStatements.after);
    this.#payload = database.prepare(outboxStatements.payload);
    this.#lastEvent = database.prepare(identityStatements.lastEvent);
    this.#firstAfter = database.prepare(outboxStatements.firstAfter);
    this.#oldest = database.prepare(outboxStatements.oldest);
    this.#removeThrough = database.prepare(outboxStatements.removeThrough);
    this.#endpoints = database.prepare(outboxStatements.endpoints);
    this.#register = database.prepare(outboxStatements.register);
    this.#forget = database.prepare(outboxStatements.forget);
    this.#advance = database.prepare(outboxStatements.advance);
    this.#drop = database.prepare(outboxStatements.drop);
    this.#askRetry = database.prepare(outboxStatements.askRetry);
  }

  append(events: readonly RegistryEvent[]): Promise<void> {
    return this.#database.transaction(() => this.#rows.add(events));
  }

  after(id: number, limit: number): readonly WaitingEvent[] {
    return this.#after.all(id, limit).map((row) => ({
      id: row.id,
      repository: row.repository,
      ...kindOf(row),
    }));
  }

  read(id: number): RegistryEvent | undefined {
    const row = this.#payload.get(id);
    return row && decodeEvent(row.payload);
  }

  end(): OutboxEnd {
    const row = this.#firstAfter.get(0);
    return { newest: this.#newest(), oldest: row && { id: row.id, createdAt: row.created_at } };
  }

  createdAfter(id: number): number | undefined {
    return this.#firstAfter.get(id)?.created_at;
  }

  endpoints(): readonly EndpointState[] {
    return this.#endpoints.all().map((row) => ({
      name: row.name,
      deliveredThrough: row.delivered_through,
      delivered: row.delivered,
      dropped: row.dropped,
      failures: row.failures,
      lastError: row.last_error ?? undefined,
      lastAttempt: row.last_attempt ?? undefined,
      retryAt: row.retry_at ?? undefined,
      retriesAsked: row.retries_asked,
    }));
  }

  async register(names: readonly string[]): Promise<void> {
    const known = new Set(this.#endpoints.all().map(({ name }) => name));
    const added = names.filter((name) => !known.has(name));
    if (added.length === 0) return;
    await this.#database.transaction(() => {
      for (const name of added) this.#register.run(name, this.#newest());
    });
  }

  forget(name: string): Promise<number> {
    return this.#database.transaction(() => {
      const row = this.#forget.get(name);
      return row === undefined ? 0 : this.#newest() - row.delivered_through;
    });
  }

  advance(progress: readonly EndpointProgress[]): Promise<void> {
    return this.#database.transaction(() => {
      for (const each of progress) {
        this.#advance.run(
          each.name,
          each.deliveredThrough,
          each.delivered,
          each.failures,
          each.lastError ?? null,
          each.lastAttempt ?? null,
          each.retryAt ?? null,
        );
      }
    });
  }

  askRetry(name: string | undefined): Promise<readonly string[]> {
    return this.#database.transaction(() => {
      const names = this.#endpoints.all().map((row) => row.name);
      const asked = names.filter((each) => name === undefined || each === name);
      for (const each of asked) this.#askRetry.run(each);
      return asked;
    });
  }

  async removeDelivered(limit: number): Promise<number> {
    const through = this.#everybodyIsPast();
    if ((this.#firstAfter.get(0)?.id ?? Infinity) > through) return 0;
    return this.#database.transaction(() => this.#removeThrough.change(this.#everybodyIsPast(), limit));
  }

  async drop(
    bounds: OutboxLimit,
    limit: number,
    wants: (endpoint: string, kind: EventKind) => boolean,
  ): Promise<ReadonlyMap<string, number> | undefined> {
    const [first] = this.#outOfBounds(bounds, 1);
    if (first === undefined) return undefined;
    return this.#database.transaction(() => {
      const rows = this.#outOfBounds(bounds, limit);
      const last = rows.at(-1)?.id ?? 0;
      const dropped = new Map<string, number>();
      for (const { name, delivered_through: through } of this.#endpoints.all()) {
        const lost = rows.filter((row) => row.id > through && wants(name, kindOf(row))).length;
        this.#drop.run(name, last, lost);
        if (lost > 0) dropped.set(name, lost);
      }
      this.#removeThrough.run(last, limit);
      return dropped;
    });
  }

  #newest(): number {
    return this.#lastEvent.get()?.seq ?? 0;
  }

  /** Without any endpoint nobody waits for anything. */
  #everybodyIsPast(): number {
    return Math.min(this.#newest(), ...this.#endpoints.all().map((row) => row.delivered_through));
  }

  /** Times rise with the ids, but for clocks that are set: what stands behind one that is in bounds stays with it. */
  #outOfBounds({ through, writtenBefore }: OutboxLimit, limit: number) {
    const rows = this.#oldest.all(limit);
    const end = rows.findIndex((row) => row.id > through && row.created_at >= writtenBefore);
    return end === -1 ? rows : rows.slice(0, end);
  }
}

function kindOf(row: { readonly action: string; readonly media_type: string }): EventKind {
  return { action: row.action as EventAction, mediaType: row.media_type };
}
