import type { EventKind } from '../../../domain/events/event-filter.js';
import type { RegistryEvent } from '../../../domain/events/registry-event.js';

/** An event that waits for its endpoints, without what it tells. */
export interface WaitingEvent extends EventKind {
  /** Ids rise in the order of the commits and are never given twice. */
  readonly id: number;
  readonly repository: string;
}

/** What is known of an endpoint. Times are milliseconds of Unix time. */
export interface EndpointState {
  readonly name: string;
  /** Every event up to this id is done with: delivered, ignored or dropped. */
  readonly deliveredThrough: number;
  readonly delivered: number;
  readonly dropped: number;
  /** Attempts that failed since the last success. */
  readonly failures: number;
  /** What the last failure said; undefined before the first. */
  readonly lastError: string | undefined;
  readonly lastAttempt: number | undefined;
  /** When the next attempt is due; undefined: at any time. */
  readonly retryAt: number | undefined;
  /** How often somebody has asked for an attempt at once. */
  readonly retriesAsked: number;
}

/** What an endpoint's delivery has to note. Counts are added to those that are there. */
export type EndpointProgress = Pick<
  EndpointState,
  'name' | 'deliveredThrough' | 'delivered' | 'failures' | 'lastError' | 'lastAttempt' | 'retryAt'
>;

export interface OutboxEnd {
  /** The highest id that was ever given; 0 before the first. */
  readonly newest: number;
  /** The lowest id that is still there, and when that event was written; undefined when there is none. */
  readonly oldest: { readonly id: number; readonly createdAt: number } | undefined;
}

/**
 * Events that wait for their endpoints. Those of a change are written in the transaction that makes it, by the ports that
 * make changes. Each method is one transaction; nothing is durable before the barrier.
 */
export interface Outbox {
  /** Writes events that no transaction brings: pulls. */
  append(events: readonly RegistryEvent[]): Promise<void>;

  /** Events behind an id, in their order. */
  after(id: number, limit: number): readonly WaitingEvent[];

  /** What an event tells; undefined when it has been dropped. */
  read(id: number): RegistryEvent | undefined;

  end(): OutboxEnd;

  /** When the first event behind an id was written (ms of Unix time); undefined when there is none. */
  createdAfter(id: number): number | undefined;

  /** By name, in byte order. */
  endpoints(): readonly EndpointState[];

  /** Makes endpoints known that are not: they get what comes from now on. */
  register(names: readonly string[]): Promise<void>;

  /** Nothing is kept for it any more. @returns how many events it had not got */
  forget(name: string): Promise<number>;

  /** Never moves an endpoint back. One that is not known is left out. */
  advance(progress: readonly EndpointProgress[]): Promise<void>;

  /** Asks for an attempt at once, of all endpoints or of one. @returns the names of those that were asked */
  askRetry(name: string | undefined): Promise<readonly string[]>;

  /** Removes the oldest events that every endpoint is past, at most `limit`. @returns how many */
  removeDelivered(limit: number): Promise<number>;

  /**
   * Removes the oldest events that are out of bounds, delivered or not, at most `limit`, and counts them for those who
   * have not got them.
   * @param wants which endpoint wants what; of one that is left out everything counts
   * @returns by endpoint, how many were dropped; undefined when nothing is out of bounds
   */
  drop(
    bounds: OutboxLimit,
    limit: number,
    wants: (endpoint: string, kind: EventKind) => boolean,
  ): Promise<ReadonlyMap<string, number> | undefined>;
}

/** An event is out of bounds when either is true of it. */
export interface OutboxLimit {
  /** Its id is at most this. */
  readonly through: number;
  /** It was written before this (ms of Unix time). */
  readonly writtenBefore: number;
}
