import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { digestOf } from '../support/http-client.js';
import { pushBlob } from '../support/registry-actions.js';
import { useRegistry } from '../support/use-registry.js';

/** What the whole process may have resident, whatever its clients do. */
const RESIDENT_LIMIT = 200_000_000;
const PATIENCE = { timeout: 20_000, interval: 100 };

describe('slow, idle and vanished clients', () => {
  const stage = useRegistry();
  const sockets: Socket[] = [];

  const open = async (head: string): Promise<Socket> => {
    const socket = connect(stage.registry.port, '127.0.0.1');
    sockets.push(socket);
    // A socket that is destroyed on either side may say so; what counts is what the registry does.
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(head);
    return socket;
  };
  const openMany = async (count: number, head: () => Promise<string> | string): Promise<Socket[]> => {
    const opened: Socket[] = [];
    for (let index = 0; index < count; index += 1) opened.push(await open(await head()));
    return opened;
  };
  const startSession = async (): Promise<string> => {
    const path = '/v2/slow/blobs/uploads/';
    const { headers } = await stage.registry.client.send({ method: 'POST', path });
    return String(headers.location);
  };
  const patchHead = (location: string, length: number): string =>
    `PATCH ${location} HTTP/1.1\r\nHost: r\r\nContent-Length: ${length}\r\n\r\n`;
  /** Others push and pull while it lasts. */
  const expectOthersServed = async (): Promise<void> => {
    const content = `for others ${Math.random()}`;
    const digest = await pushBlob(stage.registry.client, 'others', content);
    const { body } = await stage.registry.client.send({ path: `/v2/others/blobs/${digest}` });
    expect(body.toString()).toBe(content);
    expect(await stage.registry.residentBytes()).toBeLessThan(RESIDENT_LIMIT);
  };
  const openDescriptors = async (): Promise<number> =>
    (await readdir(`/proc/${stage.registry.pid}/fd`)).length;

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  it('takes uploads that come one byte a second, and serves others meanwhile', async () => {
    const bytes = 'slowly';
    const locations: string[] = [];
    const uploads = await openMany(64, async () => {
      const location = await startSession();
      locations.push(location);
      return patchHead(location, bytes.length);
    });
    const answers = uploads.map(async (socket) => String((await once(socket, 'data'))[0]));
    for (const byte of bytes) {
      for (const socket of uploads) socket.write(byte);
      await expectOthersServed();
      await sleep(1_000);
    }
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1\.1 202 /);
    const [location = ''] = locations;
    const { headers } = await stage.registry.client.send({ path: location });
    const path = `${String(headers.location)}&digest=${digestOf(bytes)}`;
    const { status } = await stage.registry.client.send({ method: 'PUT', path });
    expect(status).toBe(201);
  });

  it('keeps 1,000 idle connections, and serves others', { timeout: 60_000 }, async () => {
    const idle = await openMany(1_000, () => 'GET /v2/ HTTP/1.1\r\nHost: r\r\n\r\n');
    await expectOthersServed();
    const again = idle.slice(0, 20).map(async (socket) => {
      socket.removeAllListeners('data');
      socket.resume();
      await sleep(100);
      socket.write('GET /v2/ HTTP/1.1\r\nHost: r\r\n\r\n');
      return String((await once(socket, 'data'))[0]);
    });
    for (const answer of await Promise.all(again)) expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('keeps 1,000 connections that never send their headers, and serves others', async () => {
    await openMany(1_000, () => 'GET /v2/ HTTP/1.1\r\nHost:');
    await expectOthersServed();
  });

  it('keeps what came from clients that vanished in the middle, and forgets the clients', async () => {
    const before = await openDescriptors();
    const sent = 'x'.repeat(70_000);
    const locations: string[] = [];
    const uploads = await openMany(100, async () => {
      const location = await startSession();
      locations.push(location);
      return patchHead(location, 1_000_000) + sent;
    });
    await sleep(300);
    for (const socket of uploads) socket.resetAndDestroy();
    await vi.waitFor(async () => expect(await openDescriptors()).toBeLessThan(before + 20), PATIENCE);
    const kept: number[] = [];
    for (const location of locations) {
      const { status, headers } = await stage.registry.client.send({ path: location });
      expect(status).toBe(204);
      kept.push(Number(String(headers.range).slice(2)) + 1);
    }
    // A reset may take what the system has received and the program has not yet read.
    expect(Math.max(...kept)).toBe(sent.length);
    await expectOthersServed();
  });

  it('serves others while 300 clients read nothing of a large blob', { timeout: 60_000 }, async () => {
    const digest = await pushBlob(stage.registry.client, 'slow', Buffer.alloc(30_000_000, 'y'));
    const head = `GET /v2/slow/blobs/${digest} HTTP/1.1\r\nHost: r\r\n\r\n`;
    for (const socket of await openMany(300, () => head)) socket.pause();
    await sleep(1_000);
    await expectOthersServed();
  });

  it('forgets clients that vanish while they pull', async () => {
    const digest = await pushBlob(stage.registry.client, 'slow', Buffer.alloc(30_000_000, 'z'));
    const before = await openDescriptors();
    const head = `GET /v2/slow/blobs/${digest} HTTP/1.1\r\nHost: r\r\n\r\n`;
    const pulls = await openMany(100, () => head);
    await Promise.all(pulls.map(async (socket) => once(socket, 'data')));
    for (const socket of pulls) socket.resetAndDestroy();
    await vi.waitFor(async () => expect(await openDescriptors()).toBeLessThan(before + 20), PATIENCE);
    await expectOthersServed();
  });
});
