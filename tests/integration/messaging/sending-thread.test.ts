import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventSender } from '../../../src/application/ports/messaging/event-sender.js';
import { HttpEventSender } from '../../../src/infrastructure/messaging/http-event-sender.js';
import { SendingThread } from '../../../src/infrastructure/messaging/sending-thread.js';
import { EventEndpoint, endpointSettings } from '../../support/event-endpoint.js';
import { eventOf } from '../../support/events.js';

describe('the thread that sends events', () => {
  let thread: SendingThread;
  let endpoint: EventEndpoint;
  beforeEach(async () => {
    thread = new SendingThread();
    endpoint = await EventEndpoint.start();
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await thread.close();
    await endpoint.stop();
  });

  it('gives each attempt its own outcome', async () => {
    endpoint.behaviour = (res, { path }) => void res.writeHead(path === '/hook' ? 200 : 503).end();
    const taking = thread.senderTo(endpointSettings('taking', endpoint.url));
    const refusing = thread.senderTo(endpointSettings('refusing', endpoint.url.replace('/hook', '/other')));
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, at) => (at % 2 === 0 ? taking : refusing).send([eventOf('a')])),
    );
    expect(outcomes.map(([outcome]) => outcome?.kind)).toEqual(
      Array.from({ length: 50 }, (_, at) => (at % 2 === 0 ? 'accepted' : 'refused')),
    );
  });

  it('posts what the loop itself would post, byte for byte and in the order', async () => {
    const platform = { os: 'linux', architecture: 'arm64', osFeatures: ['a', 'b'] };
    const references = [
      { mediaType: 'a/b', digest: 'sha256:1', size: 0, annotations: { z: '"\u2028\ud800', a: '<b>' } },
      { mediaType: 'a/c', digest: 'sha256:2', size: 2, urls: ['http://h/x'], platform },
    ];
    const events = [
      eventOf('a', { actor: 'älice "\\', target: { tag: 'v1', url: 'http://h/v2/a', references } }),
      eventOf('a', { actor: undefined, action: 'mount', target: { fromRepository: 'b', size: 2 ** 53 - 1 } }),
      eventOf('a', { action: 'delete', target: { mediaType: '', digest: '', size: 0, tag: undefined } }),
    ];
    const settings = endpointSettings('hook', endpoint.url);
    // What came of the first ones may be told before the others are sent.
    const sendAll = async (sender: EventSender) => {
      for (let sent = 0; sent < events.length; sent += (await sender.send(events.slice(sent))).length);
      sender.close();
      return endpoint.accepted.splice(0).map(({ body }) => body);
    };
    const bodies = await sendAll(new HttpEventSender(settings));
    expect(bodies).toHaveLength(3);
    expect(await sendAll(thread.senderTo(settings))).toEqual(bodies);
  });

  it('cuts attempts of one endpoint alone', async () => {
    endpoint.behaviour = () => undefined;
    const senderTo = (name: string) =>
      thread.senderTo(endpointSettings(name, endpoint.url, { timeout: 1_000 }));
    const [one, other] = [senderTo('one'), senderTo('other')];
    const outcomes = [one.send([eventOf('a')]), other.send([eventOf('a')])];
    one.cut();
    expect(await Promise.all(outcomes)).toEqual([
      [{ kind: 'unreached', reason: 'the registry stops' }],
      [{ kind: 'unreached', reason: 'no answer within 1000 ms' }],
    ]);
  });

  it('is started anew by the next attempt when it has died, and knows its endpoints', async () => {
    const posts = vi.spyOn(Worker.prototype, 'postMessage');
    const sender = thread.senderTo(endpointSettings('hook', endpoint.url));
    expect(await sender.send([eventOf('a')])).toMatchObject([{ kind: 'accepted' }]);
    const [worker] = posts.mock.contexts;
    if (!(worker instanceof Worker)) throw new Error('no thread was told anything');
    endpoint.behaviour = () => void worker.terminate();
    expect(await sender.send([eventOf('a')])).toEqual([
      { kind: 'unreached', reason: 'the thread that sends events has ended' },
    ]);
    endpoint.behaviour = (res) => void res.end();
    expect(await sender.send([eventOf('a')])).toMatchObject([{ kind: 'accepted' }]);
    expect(posts.mock.contexts.at(-1)).not.toBe(worker);
  });

  it('fails for what is not of the other side', async () => {
    const sender = thread.senderTo(endpointSettings('hook', endpoint.url));
    sender.close();
    await expect(sender.send([eventOf('a')])).rejects.toThrow('the endpoint is not known');
  });
});
