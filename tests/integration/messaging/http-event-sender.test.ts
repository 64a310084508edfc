import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EndpointSettings } from '../../../src/application/ports/messaging/notification-settings.js';
import { HttpEventSender } from '../../../src/infrastructure/messaging/http-event-sender.js';
import { EventEndpoint, endpointSettings } from '../../support/event-endpoint.js';
import { eventOf } from '../../support/events.js';
import { freePort } from '../../support/start-registry.js';

describe('an endpoint', () => {
  let endpoint: EventEndpoint;
  let sender: HttpEventSender;
  beforeEach(async () => {
    endpoint = await EventEndpoint.start();
    sender = senderTo(endpoint.url);
  });
  afterEach(async () => {
    sender.close();
    await endpoint.stop();
  });

  function senderTo(url: string, more: Partial<EndpointSettings> = {}): HttpEventSender {
    return new HttpEventSender(endpointSettings('hook', url, more));
  }

  it('gets one event by POST, with the headers of all messages and its own', async () => {
    sender = senderTo(endpoint.url, {
      headers: new Map([
        ['Authorization', ['Bearer secret']],
        ['X-A', ['1', '2']],
      ]),
    });
    expect(await sender.send(eventOf('a'))).toEqual({ kind: 'accepted', status: '200 OK' });
    const [post] = endpoint.accepted;
    expect(post).toMatchObject({
      method: 'POST',
      path: '/hook',
      headers: {
        'content-type': 'application/vnd.docker.distribution.events.v2+json',
        'content-length': String(post?.body.length),
        authorization: 'Bearer secret',
        'x-a': '1, 2',
      },
    });
    expect(endpoint.events).toHaveLength(1);
  });

  it('gets the credentials of its address as Authorization', async () => {
    sender = senderTo(endpoint.url.replace('//', '//user:p%40ss@'));
    await sender.send(eventOf('a'));
    const basic = Buffer.from('user:p@ss').toString('base64');
    expect(endpoint.accepted[0]?.headers['authorization']).toBe(`Basic ${basic}`);
  });

  it.each([
    [200, 'accepted', '200 OK'],
    [202, 'accepted', '202 Accepted'],
    [304, 'accepted', '304 Not Modified'],
    [399, 'accepted', '399'],
    [400, 'refused', '400 Bad Request'],
    [503, 'refused', '503 Service Unavailable'],
  ])('that answers %i has %s the event', async (code, kind, status) => {
    endpoint.behaviour = (res) => void res.writeHead(code).end(code === 304 ? undefined : 'some words');
    expect(await sender.send(eventOf('a'))).toEqual({ kind, status });
  });

  it('keeps its connection', async () => {
    const ports = new Set<number | undefined>();
    endpoint.behaviour = (res, _post, socket) => {
      ports.add(socket.remotePort);
      res.end('thanks');
    };
    for (let at = 0; at < 5; at += 1) await sender.send(eventOf('a'));
    // The next one may come before the last answer was read to its end.
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  it('that closes a kept connection gets the next event by a new one', async () => {
    await sender.send(eventOf('a'));
    await endpoint.stop();
    await endpoint.start();
    expect(await sender.send(eventOf('a'))).toMatchObject({ kind: 'accepted' });
  });

  it.each([
    [307, 'POST'],
    [308, 'POST'],
    [301, 'GET'],
    [302, 'GET'],
    [303, 'GET'],
  ])('that redirects by %i is followed by %s', async (code, method) => {
    endpoint.behaviour = (res, { path }) => {
      if (path === '/hook') res.writeHead(code, { Location: '/other' }).end();
      else res.end();
    };
    const event = eventOf('a');
    expect(await sender.send(event)).toEqual({ kind: 'accepted', status: '200 OK' });
    expect(endpoint.accepted).toEqual([expect.objectContaining({ method, path: '/other' })]);
    if (method === 'POST') expect(endpoint.events[0]?.id).toBe(event.id);
  });

  it('that redirects to another host does not take its credentials there', async () => {
    const other = await EventEndpoint.start();
    try {
      endpoint.behaviour = (res) => void res.writeHead(307, { Location: other.url }).end();
      sender = senderTo(endpoint.url, { headers: new Map([['Authorization', ['Bearer secret']]]) });
      await sender.send(eventOf('a'));
      expect(other.events).toHaveLength(1);
      expect(other.accepted[0]?.headers['authorization']).toBeUndefined();
    } finally {
      await other.stop();
    }
  });

  it('that redirects without end is not reached', async () => {
    endpoint.behaviour = (res) => void res.writeHead(307, { Location: '/hook' }).end();
    expect(await sender.send(eventOf('a'))).toEqual({ kind: 'unreached', reason: 'more than 10 redirects' });
    expect(endpoint.requests).toBe(11);
  });

  it('that redirects nowhere is not reached', async () => {
    endpoint.behaviour = (res) => void res.writeHead(302, { Location: 'ftp://user:secret@host/' }).end();
    const outcome = await sender.send(eventOf('a'));
    expect(outcome).toMatchObject({ kind: 'unreached' });
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });

  it('that hangs is not reached within the timeout', async () => {
    endpoint.behaviour = () => undefined;
    sender = senderTo(endpoint.url, { timeout: 50 });
    expect(await sender.send(eventOf('a'))).toEqual({ kind: 'unreached', reason: 'no answer within 50 ms' });
  });

  it('that hangs is let go when the registry stops', async () => {
    endpoint.behaviour = () => sender.cut();
    sender = senderTo(endpoint.url, { timeout: 60_000 });
    expect(await sender.send(eventOf('a'))).toEqual({ kind: 'unreached', reason: 'the registry stops' });
  });

  it('that resets is not reached', async () => {
    endpoint.behaviour = (_res, _post, socket) => void socket.resetAndDestroy();
    expect(await sender.send(eventOf('a'))).toMatchObject({ kind: 'unreached', reason: expect.any(String) });
  });

  it('that is not there is not reached, and its credentials are not told', async () => {
    sender = senderTo(`http://user:secret@127.0.0.1:${await freePort()}/`);
    const outcome = await sender.send(eventOf('a'));
    expect(outcome).toMatchObject({ kind: 'unreached', reason: expect.stringContaining('ECONNREFUSED') });
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });

  it('that answers without end has taken the event all the same', async () => {
    const closed = new Promise<void>((resolve) => {
      endpoint.behaviour = (res) => {
        res.once('close', resolve);
        const more = (): void => {
          while (!res.destroyed && res.write('x'.repeat(16_384)));
          if (!res.destroyed) res.once('drain', more);
        };
        more();
      };
    });
    expect(await sender.send(eventOf('a'))).toMatchObject({ kind: 'accepted' });
    await closed;
  });

  it('that speaks no HTTP is not reached', async () => {
    const server = createServer();
    server.on('connection', (socket) => void socket.end('hello\r\n\r\n'));
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => {
      server.once('listening', resolve);
    });
    const { port } = server.address() as { port: number };
    sender = senderTo(`http://127.0.0.1:${port}/`);
    expect(await sender.send(eventOf('a'))).toMatchObject({ kind: 'unreached' });
    server.close();
  });
});
