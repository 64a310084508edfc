import type { SendOutcome } from '../messaging/event-sender.js';

/** Counts what becomes of events in this process. */
export interface NotificationMetrics {
  /** There is such an endpoint: its counts begin with 0. */
  known(endpoint: string): void;
  /** An endpoint has got so many events to deliver. */
  taken(endpoint: string, events: number): void;
  attempted(endpoint: string, outcome: SendOutcome): void;
  /** Events went that the endpoint had not got. */
  dropped(endpoint: string, events: number): void;
  /** Pulls were not noted because too many came at once. */
  pullsLost(events: number): void;
}
