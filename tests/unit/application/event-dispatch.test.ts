import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RegistryEvent } from '../../../src/domain/events/registry-event.js';
import { endpointSettings, notificationSettings } from '../../support/event-endpoint.js';
import { eventOf } from '../../support/events.js';
import { ACCEPTED, DispatchUnderTest, REFUSED, settle } from './dispatch-under-test.js';

const hook = (more = {}) => endpointSettings('hook', 'http://127.0.0.1:1/', more);
const UNREACHED = { kind: 'unreached', reason: 'connect ECONNREFUSED' } as const;

describe('the dispatch of events', () => {
  let under: DispatchUnderTest;
  beforeEach(async () => {
    under = await DispatchUnderTest.open();
  });
  afterEach(async () => {
    await under.dispatch.stop(0);
    under.database.close();
  });

  const tell = (...events: readonly RegistryEvent[]) => under.outbox.append(events);
  const state = () => under.outbox.endpoints().find(({ name }) => name === 'hook');
  const begin = async (more = {}): Promise<void> => {
    await under.dispatch.replaceSettings(notificationSettings(hook(more)));
    await under.tick();
  };

  describe('in order', () => {
    it('sends the second event of a repository when the first is taken, others meanwhile', async () => {
      await begin();
      const [a1, a2, b1] = [eventOf('a'), eventOf('a'), eventOf('b')];
      await tell(a1, a2, b1);
      await under.tick();
      const sender = under.sender('hook');
      expect(sender.sent.map(({ id }) => id)).toEqual([a1.id, b1.id]);
      sender.waiting.find(({ event }) => event.id === a1.id)?.answer(REFUSED);
      await under.tick();
      expect(sender.sent.map(({ id }) => id)).toEqual([a1.id, b1.id, a1.id]);
      sender.waiting.find(({ event }) => event.id === a1.id)?.answer(ACCEPTED);
      await settle();
      expect(sender.sent.at(-1)?.id).toBe(a2.id);
    });

    it('goes on behind what was taken, where not all was tried or one was refused', async () => {
      await begin();
      const events = Array.from({ length: 40 }, () => eventOf('a'));
      await tell(...events);
      const sender = under.sender('hook');
      sender.most = 3;
      const refusedOnce = new Set([events[4]?.id, events[16]?.id, events[39]?.id]);
      sender.always = ({ id }) => (refusedOnce.delete(id) ? REFUSED : ACCEPTED);
      for (let tick = 0; tick < 20; tick += 1) await under.tick();
      const expected = events.flatMap(({ id }, at) => (at === 4 || at === 16 || at === 39 ? [id, id] : [id]));
      expect(sender.sent.map(({ id }) => id)).toEqual(expected);
      expect(state()).toMatchObject({ deliveredThrough: 40, delivered: 40, failures: 0 });
    });

    it('has at most eight attempts under way', async () => {
      await begin();
      await tell(...Array.from({ length: 20 }, (_, at) => eventOf(`r${at}`)));
      await under.tick();
      expect(under.sender('hook').waiting).toHaveLength(8);
      under.sender('hook').waiting[0]?.answer(ACCEPTED);
      await settle();
      expect(under.sender('hook').waiting).toHaveLength(8);
    });

    it('notes only that up to which everything is delivered', async () => {
      await begin();
      await tell(eventOf('a'), eventOf('b'), eventOf('c'));
      await under.tick();
      const { waiting } = under.sender('hook');
      waiting.find(({ event }) => event.target.repository === 'b')?.answer(ACCEPTED);
      await under.tick();
      expect(state()).toMatchObject({ deliveredThrough: 0, delivered: 1 });
      waiting.find(({ event }) => event.target.repository === 'a')?.answer(ACCEPTED);
      await under.tick();
      expect(state()).toMatchObject({ deliveredThrough: 2, delivered: 2 });
    });

    it('delivers more events than it knows at once', async () => {
      await begin();
      await tell(...Array.from({ length: 2_500 }, (_, at) => eventOf(`r${at % 7}`)));
      under.sender('hook').always = () => ACCEPTED;
      for (let tick = 0; tick < 5_000 && state()?.delivered !== 2_500; tick += 1) await under.tick();
      expect(state()).toMatchObject({ deliveredThrough: 2_500, delivered: 2_500 });
      const ofOne = under.sender('hook').sent.filter(({ target }) => target.repository === 'r3');
      expect(ofOne.map(({ id }) => Number(id.split('-')[1]))).toEqual(
        ofOne.map(({ id }) => Number(id.split('-')[1])).toSorted((one, other) => one - other),
      );
    });

    it('passes what the endpoint ignores', async () => {
      await begin({ ignore: { mediaTypes: [], actions: ['pull'] } });
      under.sender('hook').always = () => ACCEPTED;
      await tell(eventOf('a', { action: 'pull' }), eventOf('b'), eventOf('c', { action: 'pull' }));
      await under.tick();
      await under.tick();
      expect(under.sender('hook').repositories).toEqual(['b']);
      expect(state()).toMatchObject({ deliveredThrough: 3, delivered: 1 });
    });
  });

  describe('with an endpoint that fails', () => {
    it('tries as often as the threshold without a delay, then once in each backoff', async () => {
      await begin({ threshold: 3, backoff: 10_000 });
      under.sender('hook').always = () => UNREACHED;
      await tell(eventOf('a'), eventOf('a'));
      await under.tick();
      expect(under.sender('hook').sent).toHaveLength(3);
      await under.tick(9_000);
      expect(under.sender('hook').sent).toHaveLength(3);
      await under.tick(1_000);
      expect(under.sender('hook').sent).toHaveLength(4);
      await under.tick();
      expect(state()).toMatchObject({
        failures: 4,
        lastError: 'connect ECONNREFUSED',
        delivered: 0,
        retryAt: under.clock.now() + 9_900,
      });
      expect(under.said('does not take events')).toEqual([
        { endpoint: 'hook', reason: 'connect ECONNREFUSED', failures: 3 },
      ]);
    });

    it('goes on as before when it takes one again', async () => {
      await begin({ threshold: 1, backoff: 1_000 });
      under.sender('hook').always = () => REFUSED;
      await tell(eventOf('a'), eventOf('a'), eventOf('b'));
      await under.tick();
      under.sender('hook').always = () => ACCEPTED;
      await under.tick(1_000);
      await under.tick();
      expect(state()).toMatchObject({ delivered: 3, failures: 0, deliveredThrough: 3, retryAt: undefined });
      expect(under.said('takes events again')).toEqual([{ endpoint: 'hook' }]);
    });

    it('tries at once when it is asked to', async () => {
      await begin({ threshold: 1, backoff: 3_600_000 });
      under.sender('hook').always = () => REFUSED;
      await tell(eventOf('a'));
      await under.tick();
      await under.tick();
      expect(under.sender('hook').sent).toHaveLength(1);
      await under.outbox.askRetry('hook');
      await under.tick();
      expect(under.sender('hook').sent).toHaveLength(2);
      await under.tick();
      expect(under.sender('hook').sent).toHaveLength(2);
    });

    it('pauses for one event that is never taken, while those of other repositories are', async () => {
      await begin({ threshold: 2, backoff: 10_000 });
      under.sender('hook').always = ({ target }) => (target.repository === 'bad' ? REFUSED : ACCEPTED);
      await tell(eventOf('bad'), ...Array.from({ length: 50 }, (_, at) => eventOf(`r${at % 5}`)));
      await under.tick();
      await under.tick();
      const attempts = under.sender('hook').repositories.filter((name) => name === 'bad').length;
      expect(attempts).toBe(2);
      expect(state()).toMatchObject({ delivered: 50, deliveredThrough: 0 });
    });

    it('does not let the others wait', async () => {
      const other = endpointSettings('other', 'http://127.0.0.1:2/');
      await under.dispatch.replaceSettings(notificationSettings(hook(), other));
      await under.tick();
      under.sender('other').always = () => ACCEPTED;
      await tell(eventOf('a'), eventOf('b'));
      await under.tick();
      await under.tick();
      expect(under.sender('hook').waiting).toHaveLength(2);
      expect(under.outbox.endpoints().map(({ name, delivered }) => [name, delivered])).toEqual([
        ['hook', 0],
        ['other', 2],
      ]);
    });
  });

  describe('after a start', () => {
    it('goes on where it stood, and sends again what was under way', async () => {
      await begin();
      await tell(eventOf('a'), eventOf('b'));
      await under.tick();
      under.sender('hook').waiting[0]?.answer(ACCEPTED);
      await under.tick();
      await under.dispatch.stop(0);
      expect(under.sender('hook').isClosed).toBe(true);
      expect(state()).toMatchObject({ deliveredThrough: 1, failures: 0 });
      under.restarted();
      await begin();
      expect(under.sender('hook').repositories).toEqual(['b']);
    });

    it('forgets an endpoint that is no longer configured, and says what it had not got', async () => {
      await begin();
      await tell(eventOf('a'), eventOf('b'));
      await under.dispatch.stop(0);
      under.restarted();
      await under.dispatch.replaceSettings(notificationSettings());
      await under.tick();
      expect(under.outbox.endpoints()).toEqual([]);
      expect(under.said('no longer configured')).toEqual([{ endpoint: 'hook', events: 2 }]);
      await under.dispatch.tidy();
      expect(under.outbox.end().oldest).toBeUndefined();
    });

    it('forgets no endpoint that only the process before it has known', async () => {
      await begin();
      await tell(eventOf('a'));
      await under.dispatch.stop(0);
      under.restarted();
      under.mayDeliver = false;
      await under.dispatch.replaceSettings(notificationSettings());
      await under.tick();
      under.mayDeliver = true;
      await under.tick(5_000);
      await under.dispatch.tidy();
      expect(under.outbox.endpoints().map(({ name }) => name)).toEqual(['hook']);
      expect(under.outbox.end().oldest).toBeDefined();
    });

    it('waits until the process that delivers has ended', async () => {
      under.mayDeliver = false;
      await begin();
      await tell(eventOf('a'));
      await under.tick();
      expect(under.senders.size).toBe(0);
      under.mayDeliver = true;
      await under.tick(5_000);
      expect(under.sender('hook').repositories).toEqual(['a']);
    });
  });

  describe('when its endpoints are replaced', () => {
    it('goes on with those that are the same, and begins with new ones now', async () => {
      await begin();
      await tell(eventOf('a'));
      await under.tick();
      const before = under.sender('hook');
      const other = endpointSettings('other', 'http://127.0.0.1:2/');
      await under.dispatch.replaceSettings(notificationSettings(hook(), other));
      await tell(eventOf('b'));
      await under.tick();
      expect(under.sender('hook')).toBe(before);
      expect(before.repositories).toEqual(['a', 'b']);
      expect(under.sender('other').repositories).toEqual(['b']);
    });

    it('sends to the new address what the old one had not taken, and loses nothing', async () => {
      await begin();
      await tell(eventOf('a'), eventOf('a'));
      await under.tick();
      const before = under.sender('hook');
      await under.dispatch.replaceSettings(
        notificationSettings(
          endpointSettings('hook', 'http://127.0.0.1:9/', { headers: new Map([['X', ['1']]]) }),
        ),
      );
      await under.tick();
      expect(before.isClosed).toBe(true);
      under.sender('hook').always = () => ACCEPTED;
      under.sender('hook').waiting[0]?.answer(ACCEPTED);
      await under.tick();
      expect(under.sender('hook')).not.toBe(before);
      expect(under.sender('hook').repositories).toEqual(['a', 'a']);
    });

    it('forgets what is gone, and asks nobody to write what only that one wanted', async () => {
      await begin();
      expect(under.subscriptions.anybodyWants({ action: 'push', mediaType: 'a/b' })).toBe(true);
      await under.dispatch.replaceSettings(notificationSettings());
      expect(under.subscriptions.anybodyWants({ action: 'push', mediaType: 'a/b' })).toBe(false);
      expect(under.outbox.endpoints()).toEqual([]);
    });
  });

  describe('keeps the outbox small', () => {
    it('removes what everybody has got', async () => {
      await begin();
      under.sender('hook').always = () => ACCEPTED;
      await tell(...Array.from({ length: 1_200 }, (_, at) => eventOf(`r${at % 3}`)));
      for (let tick = 0; tick < 5_000 && state()?.delivered !== 1_200; tick += 1) await under.tick();
      await under.dispatch.tidy();
      expect(under.outbox.end()).toEqual({ newest: 1_200, oldest: undefined });
    });

    it('drops the oldest of too many, counts them and says so once a minute', async () => {
      const bounds = { maxEvents: 10, maxAge: 604_800_000 };
      await under.dispatch.replaceSettings({ ...notificationSettings(hook()), outbox: bounds });
      await under.tick();
      await tell(...Array.from({ length: 25 }, () => eventOf('a', { time: under.clock.now() })));
      await under.dispatch.tidy();
      expect(state()).toMatchObject({ dropped: 15, deliveredThrough: 15 });
      await tell(...Array.from({ length: 5 }, () => eventOf('a', { time: under.clock.now() })));
      await under.dispatch.tidy();
      expect(state()?.dropped).toBe(20);
      expect(under.said('were dropped')).toEqual([{ endpoint: 'hook', events: 15 }]);
      under.clock.advance(60_000);
      await under.dispatch.tidy();
      expect(under.said('were dropped').at(-1)).toEqual({ endpoint: 'hook', events: 5 });
    });

    it('drops what is too old', async () => {
      const bounds = { maxEvents: 100, maxAge: 1_000 };
      await under.dispatch.replaceSettings({ ...notificationSettings(hook()), outbox: bounds });
      await under.tick();
      await tell(
        eventOf('a', { time: under.clock.now() - 2_000 }),
        eventOf('a', { time: under.clock.now() }),
      );
      await under.dispatch.tidy();
      expect(state()?.dropped).toBe(1);
    });

    it('sends the rest when some of what it knew was dropped', async () => {
      const bounds = { maxEvents: 1, maxAge: 604_800_000 };
      await under.dispatch.replaceSettings({
        ...notificationSettings(hook({ threshold: 1 })),
        outbox: bounds,
      });
      await under.tick();
      under.sender('hook').always = () => REFUSED;
      const [first, second, last] = [eventOf('a'), eventOf('a'), eventOf('a')].map((event) => ({
        ...event,
        time: under.clock.now(),
      }));
      if (first === undefined || second === undefined || last === undefined) throw new Error('no events');
      await tell(first, second, last);
      await under.tick();
      await under.dispatch.tidy();
      under.sender('hook').always = () => ACCEPTED;
      await under.tick(1_000);
      await under.tick();
      expect(under.sender('hook').sent.map(({ id }) => id)).toEqual([first.id, last.id]);
      expect(state()).toMatchObject({ delivered: 1, dropped: 2, deliveredThrough: 3 });
    });
  });

  it('begins anew when the database fails while it begins', async () => {
    const { outbox } = under;
    const real = outbox.endpoints.bind(outbox);
    await under.dispatch.replaceSettings(notificationSettings(hook()));
    await tell(eventOf('a'));
    let calls = 0;
    outbox.endpoints = () => {
      calls += 1;
      throw new Error('the disk fails');
    };
    await under.tick();
    expect([calls, under.senders.size]).toEqual([1, 0]);
    outbox.endpoints = real;
    await under.tick(5_000);
    expect(under.sender('hook').repositories).toEqual(['a']);
  });

  it('says once a minute that the database fails, and goes on when it does not any more', async () => {
    await begin();
    await tell(eventOf('a'));
    const { outbox } = under;
    const real = outbox.after.bind(outbox);
    outbox.after = () => {
      throw new Error('the disk fails');
    };
    await under.tick();
    await under.tick();
    expect(under.said('could not be delivered for now')).toHaveLength(1);
    outbox.after = real;
    await under.tick();
    expect(under.sender('hook').repositories).toEqual(['a']);
  });
});
