import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { digestOf } from '../support/http-client.js';
import { InProcessRegistry } from '../support/in-process-registry.js';

const REPOSITORY = '/v2/team/app/blobs/';

/** A chunked body, which does not say how long it is. */
async function patch(port: number, path: string, range: string, body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sending = request(
      { host: '127.0.0.1', port, method: 'PATCH', path, headers: { 'content-range': range } },
      (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode));
      },
    );
    sending.once('error', reject);
    sending.write(body);
    sending.end();
  });
}

describe.each(['inmemory', 'filesystem'] as const)(
  'a chunk of another length than it says, on %s',
  (kind) => {
    let registry: InProcessRegistry;
    let folder: string;
    afterEach(async () => {
      await registry.stop();
      await rm(folder, { recursive: true });
    });

    it('leaves nothing that a closing request without a body would place', async () => {
      folder = await mkdtemp(join(tmpdir(), 'stowage-count-'));
      const driver = kind === 'inmemory' ? { kind } : { kind, rootdirectory: join(folder, 'root') };
      registry = await InProcessRegistry.start({ storage: { driver } });
      const { client, port } = registry;
      const begun = await client.send({ method: 'POST', path: `${REPOSITORY}uploads/` });
      const location = String(begun.headers.location);
      expect((await client.send({ method: 'PATCH', path: location, body: 'first' })).status).toBe(202);
      expect(await patch(port, location, '5-9', 'second and more')).toBe(400);
      const digest = digestOf('first');
      const closed = await client.send({ method: 'PUT', path: `${location}&digest=${digest}`, body: '' });
      expect(closed.status).toBe(201);
      const pulled = await client.send({ path: `${REPOSITORY}${digest}` });
      expect([pulled.status, String(pulled.body)]).toEqual([200, 'first']);
    });
  },
);
