import type { EventAction } from './registry-event.js';

/** What of an event decides whether an endpoint wants it. */
export interface EventKind {
  readonly action: EventAction;
  readonly mediaType: string;
}

/** What an endpoint does not want to be told. */
export interface IgnoredEvents {
  readonly mediaTypes: readonly string[];
  readonly actions: readonly EventAction[];
}

/** Leaves out events of some media types, and events of some actions. */
export class EventFilter {
  readonly #mediaTypes: ReadonlySet<string>;
  readonly #actions: ReadonlySet<EventAction>;

  constructor({ mediaTypes, actions }: IgnoredEvents) {
    this.#mediaTypes = new Set(mediaTypes);
    this.#actions = new Set(actions);
  }

  wants({ action, mediaType }: EventKind): boolean {
    return !this.#actions.has(action) && !this.#mediaTypes.has(mediaType);
  }
}
