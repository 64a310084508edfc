import type { Connection } from '../load/connection.js';
import { sha256 } from '../load/content.js';
import { pushManifest, pushSmallBlob } from '../load/push.js';
import type { Growing } from './growing.js';

/** Pushes in the way of clients. */
export function overHttp(connection: Connection): Growing {
  return {
    pushBlob: (repository, bytes) => pushSmallBlob(connection, repository, bytes),
    pushManifest: (repository, manifest, tag) =>
      pushManifest(connection, repository, tag ?? sha256(manifest.bytes), manifest),
  };
}
