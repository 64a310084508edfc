import { createServer } from 'node:http';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventSender, SendOutcome } from '../../../src/application/ports/messaging/event-sender.js';
import type { EndpointSettings } from '../../../src/application/ports/messaging/notification-settings.js';
import { HttpEventSender } from '../../../src/infrastructure/messaging/http-event-sender.js';
import { SendingThread } from '../../../src/infrastructure/messaging/sending-thread.js';
import { EventEndpoint, endpointSettings } from '../../support/event-endpoint.js';
import { eventOf } from '../../support/events.js';
import { freePort } from '../../support/start-registry.js';

const thread = new SendingThread();
afterAll(() => thread.close());
const direct = (settings: EndpointSettings): EventSender => new HttpEventSender(settings);
const byThread = (settings: EndpointSettings): EventSender => thread.senderTo(settings);

describe.each([
  ['told by the loop', direct],
  ['told by the thread', byThread],
])('an endpoint %s', (_way, makeSender) => {
  let endpoint: EventEndpoint;
  let sender: EventSender;
  beforeEach(async () => {
    endpoint = await EventEndpoint.start();
    sender = senderTo(endpoint.url);
  });
  afterEach(async () => {
    sender.close();
    await endpoint.stop();
  });

  function senderTo(url: string, more: Partial<EndpointSettings> = {}): EventSender {
    return makeSender(endpointSettings('hook', url, more));
  }

  async function send(event = eventOf('a')): Promise<SendOutcome | undefined> {
    const outcomes = await sender.send([event]);
    expect(outcomes).toHaveLength(1);
    return outcomes[0];
  }

  it('gets one event by POST, with the headers of all messages and its own', async () => {
    sender = senderTo(endpoint.url, {
      headers: new Map([
        ['Authorization', ['Bearer secret']],
        ['X-A', ['1', '2']],
      ]),
    });
    expect(await send()).toEqual({ kind: 'accepted', status: '200 OK' });
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
    await send();
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
    expect(await send()).toEqual({ kind, status });
  });

  it('gets several events in their order, until it does not take one', async () => {
    endpoint.behaviour = (res) => void res.writeHead(endpoint.requests === 3 ? 503 : 200).end();
    const events = Array.from({ length: 5 }, () => eventOf('a'));
    const outcomes = await sender.send(events);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'refused']);
    expect(endpoint.requests).toBe(3);
  });

  it('that is slow has what it took told before it gets all of them', async () => {
    endpoint.behaviour = (res) => void setTimeout(() => res.end(), 150);
    const outcomes = await sender.send([eventOf('a'), eventOf('a')]);
    expect(outcomes).toEqual([{ kind: 'accepted', status: '200 OK' }]);
    expect(endpoint.requests).toBe(1);
  });

  it('keeps its connection', async () => {
    const ports = new Set<number | undefined>();
    endpoint.behaviour = (res, _post, socket) => {
      ports.add(socket.remotePort);
      res.end('thanks');
    };
    for (let at = 0; at < 5; at += 1) await send();
    // The next one may come before the last answer was read to its end.
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  it('that closes a kept connection gets the next event by a new one', async () => {
    await send();
    await endpoint.stop();
    await endpoint.start();
    expect(await send()).toMatchObject({ kind: 'accepted' });
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
    expect(await send(event)).toEqual({ kind: 'accepted', status: '200 OK' });
    expect(endpoint.accepted).toEqual([expect.objectContaining({ method, path: '/other' })]);
    if (method === 'POST') expect(endpoint.events[0]?.id).toBe(event.id);
  });

  it('that redirects to another host does not take its credentials there', async () => {
    const other = await EventEndpoint.start();
    try {
      endpoint.behaviour = (res) => void res.writeHead(307, { Location: other.url }).end();
      sender = senderTo(endpoint.url, { headers: new Map([['Authorization', ['Bearer secret']]]) });
      await send();
      expect(other.events).toHaveLength(1);
      expect(other.accepted[0]?.headers['authorization']).toBeUndefined();
    } finally {
      await other.stop();
    }
  });

  it('that redirects without end is not reached', async () => {
    endpoint.behaviour = (res) => void res.writeHead(307, { Location: '/hook' }).end();
    expect(await send()).toEqual({ kind: 'unreached', reason: 'more than 10 redirects' });
    expect(endpoint.requests).toBe(11);
  });

  it('that redirects nowhere is not reached', async () => {
    endpoint.behaviour = (res) => void res.writeHead(302, { Location: 'ftp://user:secret@host/' }).end();
    const outcome = await send();
    expect(outcome).toMatchObject({ kind: 'unreached' });
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });

  it('that hangs is not reached within the timeout', async () => {
    endpoint.behaviour = () => undefined;
    sender = senderTo(endpoint.url, { timeout: 50 });
    expect(await send()).toEqual({ kind: 'unreached', reason: 'no answer within 50 ms' });
  });

  it('that hangs is let go when the registry stops', async () => {
    endpoint.behaviour = () => sender.cut();
    sender = senderTo(endpoint.url, { timeout: 60_000 });
    expect(await send()).toEqual({ kind: 'unreached', reason: 'the registry stops' });
  });

  it('that resets is not reached', async () => {
    endpoint.behaviour = (_res, _post, socket) => void socket.resetAndDestroy();
    expect(await send()).toMatchObject({ kind: 'unreached', reason: expect.any(String) });
  });

  it('that is not there is not reached, and its credentials are not told', async () => {
    sender = senderTo(`http://user:secret@127.0.0.1:${await freePort()}/`);
    const outcome = await send();
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
    expect(await send()).toMatchObject({ kind: 'accepted' });
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
    expect(await send()).toMatchObject({ kind: 'unreached' });
    server.close();
  });
});
