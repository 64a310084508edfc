import { ContainerModule } from 'inversify';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { EventAnnouncer } from '../../application/services/event-announcer.js';
import { EventDispatch } from '../../application/services/event-dispatch.js';
import { EventSubscriptions } from '../../application/services/event-subscriptions.js';
import { OutboxTidying } from '../../application/services/outbox-tidying.js';
import { PullEvents } from '../../application/services/pull-events.js';
import { RetryDeliveries } from '../../application/use-cases/notification/retry-deliveries.js';
import { ShowEndpoints } from '../../application/use-cases/notification/show-endpoints.js';
import { eventId } from '../../domain/events/event-id.js';
import type { Config } from '../../infrastructure/config/config.js';
import { SendingThread } from '../../infrastructure/messaging/sending-thread.js';
import { SqliteDeliveryRight } from '../../infrastructure/metadata/sqlite/sqlite-delivery-right.js';
import { SqliteOutbox } from '../../infrastructure/metadata/sqlite/sqlite-outbox.js';
import { NotificationCounts } from '../../infrastructure/observability/notification-counts.js';
import { SoleDelivery } from '../../infrastructure/system/sole-delivery.js';
import { alone } from '../../interfaces/jobs/scheduled-jobs.js';
import { processFolder } from '../storage-place.js';
import { TOKENS as T } from '../tokens.js';
import type { Bind } from './bind.js';

/** From one look at the outbox to the next (ms): so long an event waits at most before it is sent. */
const DELIVERY = 100;
/** So much of the pulls (ms) is lost by a kill. */
const PULLS = 500;
const TIDYING = 1_000;

/** Who is told of what happens. */
export const notificationsModule = new ContainerModule(({ bind }) => {
  bindEvents(bind);
  bindDelivery(bind);
  bindJobs(bind);
  bindUseCases(bind);
});

function bindEvents(bind: Bind): void {
  bind(T.outbox).toResolvedValue((database) => new SqliteOutbox(database), [T.database]);
  bind(T.eventSubscriptions).toResolvedValue(() => new EventSubscriptions(), []);
  bind(T.eventAnnouncer).toResolvedValue(
    (subscriptions, clock, random, config) => {
      const source = { addr: addressOf(config), instanceId: eventId(clock.now(), random.uuid()) };
      return new EventAnnouncer(subscriptions, clock, random, source);
    },
    [T.eventSubscriptions, T.clock, T.random, T.config],
  );
  bind(T.pullEvents).toResolvedValue(
    (announcer, subscriptions, outbox, manifests, metrics, clock, logger) =>
      new PullEvents({ announcer, subscriptions, outbox, manifests, metrics, clock, logger }),
    [
      T.eventAnnouncer,
      T.eventSubscriptions,
      T.outbox,
      T.manifestIndex,
      T.notificationCounts,
      T.clock,
      T.logger,
    ],
  );
}

function bindDelivery(bind: Bind): void {
  bind(T.notificationCounts).toResolvedValue(() => new NotificationCounts(), []);
  bind(T.deliveryRight).toResolvedValue(
    (config, { kind }) => {
      const folder = processFolder(config);
      // On a network disk nobody else can have the database open.
      if (folder === undefined || kind === 'network') return new SoleDelivery();
      return new SqliteDeliveryRight(join(folder, 'notifications.db'));
    },
    [T.config, T.databaseDisk],
  );
  bind(T.sendingThread).toResolvedValue(() => new SendingThread(), []);
  bind(T.eventDispatch).toResolvedValue(
    (outbox, barrier, subscriptions, metrics, right, thread, clock, logger) =>
      new EventDispatch({
        outbox,
        barrier,
        subscriptions,
        metrics,
        right,
        tidying: new OutboxTidying(outbox, subscriptions, metrics, clock, logger),
        makeSender: (endpoint) => thread.senderTo(endpoint),
        clock,
        logger,
      }),
    [
      T.outbox,
      T.durabilityBarrier,
      T.eventSubscriptions,
      T.notificationCounts,
      T.deliveryRight,
      T.sendingThread,
      T.clock,
      T.logger,
    ],
  );
}

function bindJobs(bind: Bind): void {
  bind(T.notificationJobs).toResolvedValue(
    (dispatch, pulls) => [
      alone('deliver events', DELIVERY, () => dispatch.tick()),
      alone('note pulls', PULLS, () => pulls.flush()),
      alone('tidy events', TIDYING, () => dispatch.tidy()),
    ],
    [T.eventDispatch, T.pullEvents],
  );
}

function bindUseCases(bind: Bind): void {
  bind(T.showEndpoints).toResolvedValue((outbox) => new ShowEndpoints(outbox), [T.outbox]);
  bind(T.retryDeliveries).toResolvedValue((outbox) => new RetryDeliveries(outbox), [T.outbox]);
}

/** Machine and port, as the reference registry calls itself. */
function addressOf({ http: { addr } }: Config): string {
  return 'port' in addr ? `${hostname()}:${addr.port}` : hostname();
}
