import type { Config } from '../infrastructure/config/config.js';

const BY_CONFIGURATION =
  'the registry is read-only for maintenance: images can be pulled, not pushed or deleted';

/** Why the configuration lets nothing be changed; undefined when it does. */
export function readOnlyReason({ storage: { maintenance } }: Config): string | undefined {
  return maintenance.readonly.enabled ? BY_CONFIGURATION : undefined;
}
