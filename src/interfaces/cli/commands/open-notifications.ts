import type { ConfigurationRequest } from '../../../application/ports/system/configuration-reader.js';
import type { RetryDeliveries } from '../../../application/use-cases/notification/retry-deliveries.js';
import type { ShowEndpoints } from '../../../application/use-cases/notification/show-endpoints.js';

export interface NotificationsRequest {
  readonly configuration: ConfigurationRequest;
  /** `status` can change nothing. */
  readonly purpose: 'status' | 'retry';
}

/** The database, open to be asked about notifications. */
export interface OpenNotifications {
  /** Names of those that are configured. */
  readonly endpoints: readonly string[];
  readonly show: ShowEndpoints;
  /** Only for the purpose `retry`. */
  readonly retry: RetryDeliveries;
  close(): Promise<void>;
}

export type OpenNotificationsOf = (request: NotificationsRequest) => Promise<OpenNotifications>;
