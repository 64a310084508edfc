import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EndpointProgress } from '../../../src/application/ports/metadata/outbox.js';
import { eventOf } from '../../support/events.js';
import type { MetadataUnderTest, OpenMetadata } from './metadata-under-test.js';

const NEVER = { through: 0, writtenBefore: 0 };
const all = (): boolean => true;

export function outboxContract(adapter: string, open: OpenMetadata): void {
  describe(`Outbox on ${adapter}`, () => {
    let ports: MetadataUnderTest;
    beforeEach(async () => {
      ports = await open();
    });
    afterEach(async () => ports.dispose());

    const events = (...repositories: readonly string[]) => repositories.map((name) => eventOf(name));
    const ids = (after = 0): readonly number[] => ports.outbox.after(after, 100).map(({ id }) => id);
    const stateOf = (name: string) => ports.outbox.endpoints().find((each) => each.name === name);
    const progress = (
      name: string,
      through: number,
      more: Partial<EndpointProgress> = {},
    ): EndpointProgress => ({
      name,
      deliveredThrough: through,
      delivered: 0,
      failures: 0,
      lastError: undefined,
      lastAttempt: undefined,
      retryAt: undefined,
      ...more,
    });

    it('gives events in the order in which they were written, in pages', async () => {
      await ports.outbox.append(events('a', 'b'));
      await ports.outbox.append(events('c'));
      expect(ports.outbox.after(0, 2).map(({ repository }) => repository)).toEqual(['a', 'b']);
      const [, second] = ids();
      expect(ports.outbox.after(second ?? 0, 2).map(({ repository }) => repository)).toEqual(['c']);
    });

    it('gives back whole what was written', async () => {
      const event = eventOf('a', { actor: 'alice', target: { tag: 'v1', references: [] } });
      await ports.outbox.append([event]);
      const [id = 0] = ids();
      expect(ports.outbox.read(id)).toEqual(event);
      expect(ports.outbox.read(id + 1)).toBeUndefined();
      expect(ports.outbox.end()).toEqual({ newest: id, oldest: { id, createdAt: event.time } });
      expect(ports.outbox.createdAfter(0)).toBe(event.time);
      expect(ports.outbox.createdAfter(id)).toBeUndefined();
    });

    it('lets a new endpoint begin with what comes', async () => {
      await ports.outbox.append(events('a'));
      await ports.outbox.register(['hook']);
      expect(stateOf('hook')?.deliveredThrough).toBe(ids().at(-1));
      await ports.outbox.append(events('b'));
      await ports.outbox.register(['hook', 'other']);
      expect(ports.outbox.after(stateOf('hook')?.deliveredThrough ?? 0, 10)).toHaveLength(1);
      expect(ports.outbox.after(stateOf('other')?.deliveredThrough ?? 0, 10)).toHaveLength(0);
    });

    it('notes how far an endpoint is, adds what was delivered and never moves it back', async () => {
      await ports.outbox.register(['hook']);
      await ports.outbox.append(events('a', 'b', 'c'));
      await ports.outbox.advance([progress('hook', 2, { delivered: 2, lastAttempt: 7 })]);
      const failed = { failures: 3, lastError: 'status 500', lastAttempt: 8, retryAt: 9 };
      await ports.outbox.advance([progress('hook', 1, { delivered: 1, ...failed }), progress('unknown', 5)]);
      expect(ports.outbox.endpoints()).toEqual([
        { name: 'hook', deliveredThrough: 2, delivered: 3, dropped: 0, retriesAsked: 0, ...failed },
      ]);
    });

    it('removes only what every endpoint is past, the oldest first', async () => {
      await ports.outbox.register(['one', 'two']);
      await ports.outbox.append(events('a', 'b', 'c', 'd'));
      await ports.outbox.advance([progress('one', 4), progress('two', 2)]);
      expect(await ports.outbox.removeDelivered(1)).toBe(1);
      expect(ids()).toEqual([2, 3, 4]);
      expect(await ports.outbox.removeDelivered(10)).toBe(1);
      expect(await ports.outbox.removeDelivered(10)).toBe(0);
      expect(ids()).toEqual([3, 4]);
    });

    it('never gives an id twice, so that a new event is behind every endpoint', async () => {
      await ports.outbox.register(['hook']);
      await ports.outbox.append(events('a'));
      await ports.outbox.advance([progress('hook', 1)]);
      await ports.outbox.removeDelivered(10);
      expect(ports.outbox.end()).toEqual({ newest: 1, oldest: undefined });
      await ports.outbox.append(events('b'));
      expect(ids()).toEqual([2]);
    });

    it('forgets an endpoint and says how many events it had not got', async () => {
      await ports.outbox.register(['hook']);
      await ports.outbox.append(events('a', 'b'));
      expect(await ports.outbox.forget('hook')).toBe(2);
      expect(await ports.outbox.forget('hook')).toBe(0);
      expect(await ports.outbox.removeDelivered(10)).toBe(2);
    });

    it('drops what is out of bounds, and counts it for those who wanted it and had not got it', async () => {
      await ports.outbox.register(['all', 'half', 'past']);
      await ports.outbox.append([eventOf('a'), eventOf('b', { action: 'pull' }), eventOf('c'), eventOf('d')]);
      await ports.outbox.advance([progress('past', 3)]);
      const wants = (name: string, { action }: { action: string }) => name !== 'half' || action !== 'pull';
      const limit = { through: 3, writtenBefore: 0 };
      expect(await ports.outbox.drop(limit, 2, wants)).toEqual(
        new Map([
          ['all', 2],
          ['half', 1],
        ]),
      );
      expect(await ports.outbox.drop(limit, 2, wants)).toEqual(
        new Map([
          ['all', 1],
          ['half', 1],
        ]),
      );
      expect(await ports.outbox.drop(limit, 2, wants)).toBeUndefined();
      expect(ids()).toEqual([4]);
      expect(
        ports.outbox
          .endpoints()
          .map(({ name, dropped, deliveredThrough }) => [name, dropped, deliveredThrough]),
      ).toEqual([
        ['all', 3, 3],
        ['half', 2, 3],
        ['past', 0, 3],
      ]);
    });

    it('drops what is too old, and nothing else', async () => {
      await ports.outbox.register(['hook']);
      await ports.outbox.append([eventOf('a', { time: 10 }), eventOf('b', { time: 20 })]);
      expect(await ports.outbox.drop(NEVER, 10, all)).toBeUndefined();
      expect(await ports.outbox.drop({ through: 0, writtenBefore: 20 }, 10, all)).toEqual(
        new Map([['hook', 1]]),
      );
      expect(ids()).toEqual([2]);
    });

    it('remembers that an attempt is asked for, of all endpoints or of one', async () => {
      await ports.outbox.register(['one', 'two']);
      expect(await ports.outbox.askRetry(undefined)).toEqual(['one', 'two']);
      expect(await ports.outbox.askRetry('two')).toEqual(['two']);
      expect(await ports.outbox.askRetry('three')).toEqual([]);
      expect([stateOf('one')?.retriesAsked, stateOf('two')?.retriesAsked]).toEqual([1, 2]);
    });
  });
}
