import type { Outbox } from '../application/ports/metadata/outbox.js';
import type { DeliveryRight } from '../application/ports/system/delivery-right.js';
import type { EventAnnouncer } from '../application/services/event-announcer.js';
import type { EventDispatch } from '../application/services/event-dispatch.js';
import type { EventSubscriptions } from '../application/services/event-subscriptions.js';
import type { PullEvents } from '../application/services/pull-events.js';
import type { RetryDeliveries } from '../application/use-cases/notification/retry-deliveries.js';
import type { ShowEndpoints } from '../application/use-cases/notification/show-endpoints.js';
import type { SendingThread } from '../infrastructure/messaging/sending-thread.js';
import type { NotificationCounts } from '../infrastructure/observability/notification-counts.js';
import type { NotificationsCommand } from '../interfaces/cli/commands/notifications-group.js';
import type { OpenNotificationsOf } from '../interfaces/cli/commands/open-notifications.js';
import type { Job } from '../interfaces/jobs/scheduled-jobs.js';
import { token } from './token.js';

/** Who is told of what happens. */
export const NOTIFICATION_TOKENS = {
  outbox: token<Outbox>('Outbox'),
  eventSubscriptions: token<EventSubscriptions>('EventSubscriptions'),
  eventAnnouncer: token<EventAnnouncer>('EventAnnouncer'),
  pullEvents: token<PullEvents>('PullEvents'),
  deliveryRight: token<DeliveryRight>('DeliveryRight'),
  sendingThread: token<SendingThread>('SendingThread'),
  eventDispatch: token<EventDispatch>('EventDispatch'),
  notificationCounts: token<NotificationCounts>('NotificationCounts'),
  notificationJobs: token<readonly Job[]>('NotificationJobs'),
  showEndpoints: token<ShowEndpoints>('ShowEndpoints'),
  retryDeliveries: token<RetryDeliveries>('RetryDeliveries'),
  openNotifications: token<OpenNotificationsOf>('OpenNotifications'),
  notificationsCommand: token<NotificationsCommand>('NotificationsCommand'),
} as const;
