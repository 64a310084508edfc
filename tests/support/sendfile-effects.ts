import { TOKENS as T } from '../../src/container/tokens.js';
import type { Config } from '../../src/infrastructure/config/config.js';
import type { DeepPartial, InProcessRegistry } from './in-process-registry.js';
import { pushBlob } from './registry-actions.js';
import type { Effect } from './reload-effects.js';

const http = (
  before: DeepPartial<Config['http']>,
  after: DeepPartial<Config['http']>,
): readonly [DeepPartial<Config>, DeepPartial<Config>] => [
  { http: { trustedproxies: ['127.0.0.1'], ...before } },
  { http: { trustedproxies: ['127.0.0.1'], ...after } },
];
const accel = (location: string) => ({ sendfile: { header: 'X-Accel-Redirect', location } as const });

/** The first part of the path that the proxy is told. */
const told = async (of: InProcessRegistry) => {
  Object.defineProperty(of.container.get(T.storageDriver), 'root', { value: '/srv' });
  const digest = await pushBlob(of.client, 'a', Buffer.alloc(100_000));
  const path = `/v2/a/blobs/${digest}`;
  const { headers } = await of.client.send({ path, headers: { 'x-forwarded-for': '192.0.2.7' } });
  return String(headers['x-accel-redirect'] ?? headers['x-sendfile']).split('/')[1];
};

export const SENDFILE_EFFECTS: Readonly<Record<string, Effect>> = {
  'http.sendfile.header': {
    configs: http(accel('/files/'), { sendfile: { header: 'X-Sendfile' } }),
    look: told,
    seen: ['files', 'srv'],
  },
  'http.sendfile.location': {
    configs: http(accel('/files/'), accel('/others/')),
    look: told,
    seen: ['files', 'others'],
  },
};
