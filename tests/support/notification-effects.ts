import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EndpointSettings } from '../../src/application/ports/messaging/notification-settings.js';
import { TOKENS as T } from '../../src/container/tokens.js';
import type { Config } from '../../src/infrastructure/config/config.js';
import type { DeepPartial, InProcessRegistry } from './in-process-registry.js';
import type { Effect } from './reload-effects.js';

const notifications = (
  before: DeepPartial<Config['notifications']>,
  after: DeepPartial<Config['notifications']>,
) => [{ notifications: before }, { notifications: after }] as const;
const endpoint: EndpointSettings = {
  name: 'hook',
  url: 'http://127.0.0.1:9/',
  headers: new Map(),
  timeout: 1_000,
  threshold: 10,
  backoff: 1_000,
  format: 'distribution',
  ignore: { mediaTypes: [], actions: [] },
};
const subscriptions = (of: InProcessRegistry) => of.container.getAsync(T.eventSubscriptions);

export const NOTIFICATION_EFFECTS: Readonly<Record<string, Effect>> = {
  'notifications.endpoints': {
    configs: notifications({ endpoints: [] }, { endpoints: [endpoint] }),
    look: async (of) => {
      // The endpoint's row comes first.
      for (let turn = 0; turn < 20; turn += 1) await nextTurn();
      return (await subscriptions(of)).anybodyWants({
        action: 'push',
        mediaType: 'application/octet-stream',
      });
    },
    seen: [false, true],
  },
  'notifications.events.includereferences': {
    configs: notifications({}, { includeReferences: true }),
    look: async (of) => (await subscriptions(of)).includeReferences,
    seen: [false, true],
  },
};
