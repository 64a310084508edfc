import type { Schema } from 'convict';
import type { Config } from './config.js';
import { formats } from './formats.js';
import { setting } from './setting.js';

/** The keys below `gc`. */
export const gcSettings: Schema<Config['gc']> = {
  enabled: setting(
    formats.boolean,
    true,
    'Removes blobs that nothing references while the registry serves. `stowage gc` does it at once.',
  ),
  interval: setting(formats.duration(1), 60_000, 'The time between two looks at what is due.'),
  grace: setting(
    formats.duration(0),
    86_400_000,
    'How long content is kept that nothing references: longer than any client takes for a push.',
  ),
  batch: setting(formats.integer(1), 100, 'How many rows are looked at between two pauses.'),
  pause: setting(formats.duration(0), 100, 'How long it waits after each batch. More is gentler and slower.'),
  untagged: {
    enabled: setting(
      formats.boolean,
      false,
      'Also removes manifests that no tag reaches, as `stowage gc --delete-untagged` does.',
    ),
  },
};
