import type { EventSender, SendOutcome } from '../../../src/application/ports/messaging/event-sender.js';
import type { EndpointSettings } from '../../../src/application/ports/messaging/notification-settings.js';
import type { Outbox } from '../../../src/application/ports/metadata/outbox.js';
import type { LogFields, Logger } from '../../../src/application/ports/system/logger.js';
import { EventDispatch } from '../../../src/application/services/event-dispatch.js';
import { EventSubscriptions } from '../../../src/application/services/event-subscriptions.js';
import { OutboxTidying } from '../../../src/application/services/outbox-tidying.js';
import type { RegistryEvent } from '../../../src/domain/events/registry-event.js';
import { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteOutbox } from '../../../src/infrastructure/metadata/sqlite/sqlite-outbox.js';
import { NotificationCounts } from '../../../src/infrastructure/observability/notification-counts.js';
import { unexpectedEnd } from '../../contract/metadata/metadata-under-test.js';
import { ManualClock } from '../../support/fakes.js';

export const ACCEPTED: SendOutcome = { kind: 'accepted', status: '200 OK' };
export const REFUSED: SendOutcome = { kind: 'refused', status: '500 Internal Server Error' };

interface Sending {
  readonly event: RegistryEvent;
  answer(outcome: SendOutcome): void;
}

/** An endpoint whose answers a test gives, or which has one for all. */
export class ManualSender implements EventSender {
  /** Everything that was sent, again and again. */
  readonly sent: RegistryEvent[] = [];
  /** What waits for its answer. */
  readonly waiting: Sending[] = [];
  always: ((event: RegistryEvent) => SendOutcome) | undefined;
  isClosed = false;
  /** After so many it tells what came of them. */
  most = Infinity;

  async send(events: readonly RegistryEvent[]): Promise<readonly SendOutcome[]> {
    const outcomes: SendOutcome[] = [];
    for (const event of events) {
      const outcome = await this.#sendOne(event);
      outcomes.push(outcome);
      if (outcome.kind !== 'accepted' || outcomes.length === this.most) break;
    }
    return outcomes;
  }

  async #sendOne(event: RegistryEvent): Promise<SendOutcome> {
    this.sent.push(event);
    if (this.always !== undefined) return this.always(event);
    return new Promise((resolve) => {
      const sending = {
        event,
        answer: (outcome: SendOutcome): void => {
          this.waiting.splice(this.waiting.indexOf(sending), 1);
          resolve(outcome);
        },
      };
      this.waiting.push(sending);
    });
  }

  cut(): void {
    for (const sending of this.waiting.slice()) sending.answer({ kind: 'unreached', reason: 'cut' });
  }

  close(): void {
    this.isClosed = true;
  }

  get repositories(): readonly string[] {
    return this.sent.map(({ target }) => target.repository);
  }
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

/** The dispatch over a database in memory, with endpoints and a clock that a test moves. */
export class DispatchUnderTest {
  readonly clock = new ManualClock();
  readonly counts = new NotificationCounts();
  readonly subscriptions = new EventSubscriptions();
  readonly lines: { readonly level: string; readonly message: string; readonly fields: LogFields }[] = [];
  /** By endpoint, the last one that was made. */
  readonly senders = new Map<string, ManualSender>();
  readonly outbox: Outbox;
  readonly database: SqliteDatabase;
  dispatch: EventDispatch;
  /** Whether this process may deliver. */
  mayDeliver = true;

  private constructor(database: SqliteDatabase) {
    this.database = database;
    this.outbox = new SqliteOutbox(database);
    this.dispatch = this.restarted();
  }

  static async open(): Promise<DispatchUnderTest> {
    return new DispatchUnderTest(await SqliteDatabase.open(undefined, unexpectedEnd));
  }

  sender(name: string): ManualSender {
    const sender = this.senders.get(name);
    if (sender === undefined) throw new Error(`nothing is delivered to ${name}`);
    return sender;
  }

  /** As another process has it that begins with the same database. */
  restarted(): EventDispatch {
    const { outbox, subscriptions, counts, clock } = this;
    const logger = this.#logger();
    this.dispatch = new EventDispatch({
      outbox,
      barrier: { wait: async () => undefined },
      subscriptions,
      metrics: counts,
      right: { take: () => this.mayDeliver, release: () => undefined },
      tidying: new OutboxTidying(outbox, subscriptions, counts, clock, logger),
      makeSender: ({ name }: EndpointSettings) => {
        const sender = new ManualSender();
        this.senders.set(name, sender);
        return sender;
      },
      clock,
      logger,
    });
    return this.dispatch;
  }

  /** One round, some time after the last. */
  async tick(ms = 100): Promise<void> {
    this.clock.advance(ms);
    await this.dispatch.tick();
    await settle();
  }

  said(message: string): readonly LogFields[] {
    return this.lines.filter((line) => line.message.includes(message)).map(({ fields }) => fields);
  }

  #logger(): Logger {
    const at =
      (level: string) =>
      (message: string, fields: LogFields = {}): void => {
        this.lines.push({ level, message, fields });
      };
    const logger: Logger = {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: () => logger,
    };
    return logger;
  }
}
