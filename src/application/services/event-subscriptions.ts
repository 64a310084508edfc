import { EventFilter, type EventKind } from '../../domain/events/event-filter.js';
import type { NotificationSettings } from '../ports/messaging/notification-settings.js';

/** Who wants which events. Whoever writes events asks here first: what nobody wants costs nothing. */
export class EventSubscriptions {
  #filters: ReadonlyMap<string, EventFilter> = new Map();
  #includeReferences = false;
  #maxEvents = 0;

  replace({ endpoints, includeReferences, outbox }: NotificationSettings): void {
    this.#filters = new Map(endpoints.map(({ name, ignore }) => [name, new EventFilter(ignore)]));
    this.#includeReferences = includeReferences;
    this.#maxEvents = outbox.maxEvents;
  }

  /** Whether events of manifests tell what these reference. */
  get includeReferences(): boolean {
    return this.#includeReferences;
  }

  /** How many events may wait. */
  get maxEvents(): number {
    return this.#maxEvents;
  }

  anybodyWants(kind: EventKind): boolean {
    for (const filter of this.#filters.values()) if (filter.wants(kind)) return true;
    return false;
  }

  /** Of an endpoint that is not known it can not be said what it would not want. */
  wants(endpoint: string, kind: EventKind): boolean {
    return this.#filters.get(endpoint)?.wants(kind) ?? true;
  }
}
