import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TOKENS as T } from '../../src/container/tokens.js';
import { settingsOf } from '../../src/infrastructure/config/key-tree.js';
import { reloadOf } from '../../src/infrastructure/config/reload-of-keys.js';
import { loadBcrypt } from '../../src/infrastructure/security/bcrypt.js';
import { handshake } from '../support/https-client.js';
import { InProcessRegistry } from '../support/in-process-registry.js';
import {
  asAlice,
  byFile,
  effects,
  headerOf,
  prepareFiles,
  storagedriver,
  threeLooks,
  twoCertificates,
  watched,
} from '../support/reload-effects.js';
import type { TempDir } from '../support/temp-dir.js';

/** Seen with the built program, as what is logged, or by EventDispatch itself: what becomes of events beyond the bounds. */
const SEEN_ELSEWHERE = new Set([
  'log.level',
  'log.fields',
  'log.accesslog.disabled',
  'loglevel',
  'http.draintimeout',
  'notifications.outbox.maxevents',
  'notifications.outbox.maxage',
]);

let registry: InProcessRegistry;
let temp: TempDir;

beforeAll(async () => {
  temp = await prepareFiles();
});
afterAll(async () => temp.remove());
afterEach(async () => registry.stop());

const AT_ONCE = [...settingsOf()].map(([key]) => key).filter((key) => reloadOf(key) === 'at once');

describe('a key that can change while the registry runs', () => {
  it.each(AT_ONCE.filter((key) => !SEEN_ELSEWHERE.has(key)))('does so: %s', async (key) => {
    const effect = effects()[key];
    if (effect === undefined) throw new Error(`nobody looks whether ${key} is taken at once`);
    const { configs, look, seen } = effect;
    registry = await InProcessRegistry.start(configs[0], watched);
    expect(await look(registry)).toEqual(seen[0]);
    await registry.reload(configs[1]);
    expect(await look(registry)).toEqual(seen[1]);
  });
});

describe('a reload', () => {
  it('forgets nothing that a health check has found, unless its configuration changes', async () => {
    registry = await InProcessRegistry.start(storagedriver({}), watched);
    expect(await threeLooks(registry)).toBe(false);
    await registry.reload({});
    expect((await registry.client.send({ path: '/v2/' })).status).toBe(503);
    await registry.reload(storagedriver({ interval: 2 }));
    expect((await registry.client.send({ path: '/v2/' })).status).toBe(200);
  });

  it('keeps a registry read-only whose folder is, whatever the configuration says', async () => {
    registry = await InProcessRegistry.start();
    registry.container.get(T.readOnlyMode).enter('the disk is locked');
    await registry.reload({});
    const { body } = await registry.client.send({ method: 'POST', path: '/v2/a/blobs/uploads/' });
    expect(body.toString()).toContain('the disk is locked');
  });

  it('reads files again whose names are the same, and keeps what it had when one is broken', async () => {
    const path = join(temp.path, 'changing');
    const bcrypt = await loadBcrypt();
    writeFileSync(path, '');
    registry = await InProcessRegistry.start(byFile({ path }));
    expect(await asAlice(registry)).toBe(401);
    writeFileSync(path, `alice:${await bcrypt.hash(Buffer.from('secret'), 4)}\n`);
    await registry.reload({});
    expect(await asAlice(registry)).toBe(200);
    writeFileSync(path, 'broken\n');
    await expect(registry.reload({ http: { headers: { 'X-Zone': ['b'] } } })).rejects.toThrow('line 1 of');
    expect(await headerOf('GET', '/v2/', 'x-zone')(registry)).toBeUndefined();
    writeFileSync(path, `alice:${await bcrypt.hash(Buffer.from('secret'), 4)}\n`);
  });

  it('leaves a connection of before alone, which was made with another certificate', async () => {
    const [tls, other, trusting] = twoCertificates();
    registry = await InProcessRegistry.start({ http: { tls } });
    const socket = await handshake(registry.port, trusting);
    await registry.reload({ http: { tls: other } });
    socket.write('GET /v2/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 200 /);
  });
});
