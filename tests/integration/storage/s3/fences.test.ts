import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type {
  ExpiringOutcome,
  ObjectStore,
} from '../../../../src/infrastructure/storage/drivers/s3/object-store.js';
import { MemoryObjectStore } from '../../../support/memory-object-store.js';
import { freshDriver } from '../../../support/s3-model.js';

const PATH = 'blobs/data';
const TREE = 'blobs';
const FENCE = 'stowage/gc/one';
const TAKEN = `${FENCE}/sha256-0`;
const LIFE = 300;
const MARGIN = 100;
const OPTIONS = { fenceTimes: { life: LIFE, margin: MARGIN } };
const content = (text: string) => Buffer.from(text);

/** Removals get no answer, and arrive when the test says so. */
class SlowRemovals extends MemoryObjectStore {
  readonly late: (() => Promise<ExpiringOutcome>)[] = [];
  isSlow = false;

  override async deleteUntil(key: string, until: number): Promise<ExpiringOutcome> {
    if (!this.isSlow) return super.deleteUntil(key, until);
    this.late.push(() => super.deleteUntil(key, until));
    return 'unsure';
  }

  arrive(): Promise<readonly ExpiringOutcome[]> {
    return Promise.all(this.late.map((removal) => removal()));
  }
}

describe('a fence in a bucket', () => {
  let store: SlowRemovals;
  const driverOver = (other: ObjectStore = store) => freshDriver(other, OPTIONS);
  beforeEach(() => {
    store = new SlowRemovals();
  });
  const there = () => store.contentOf(`root/${PATH}`)?.toString();

  it('is a put, a look and, once for a process, a removal that has expired; each removal is one request', async () => {
    const driver = driverOver();
    await driver.putContent(PATH, content('x'));
    store.resetCounts();
    await driver.openFence(FENCE, TREE);
    expect(Object.fromEntries(store.requests)).toEqual({ put: 1, deleteUntil: 1, head: 1 });
    await driver.openFence('stowage/gc/two', TREE);
    store.resetCounts();
    expect(await driver.removeThroughFence(PATH, TAKEN)).toBe('gone');
    await driver.breakFence(FENCE);
    expect(Object.fromEntries(store.requests)).toEqual({ deleteUntil: 1, delete: 1 });
    expect(store.keys('root/stowage')).toEqual(['root/stowage/gc/two']);
  });

  it('is not opened where a removal that has expired is carried out, and leaves nothing', async () => {
    const careless = new MemoryObjectStore({ refusesExpired: false });
    const driver = driverOver(careless);
    await expect(driver.openFence(FENCE, TREE)).rejects.toMatchObject({ kind: 'unsupported' });
    expect(careless.keys()).toEqual([]);
    await expect(driver.openFence(FENCE, TREE)).rejects.toThrow('has expired');
  });

  it('is not opened while nobody can tell, and is tried again', async () => {
    const driver = driverOver();
    store.isSlow = true;
    await expect(driver.openFence(FENCE, TREE)).rejects.toMatchObject({ name: 'StorageFault' });
    expect(store.keys()).toEqual([]);
    store.isSlow = false;
    await driver.openFence('stowage/gc/two', TREE);
    expect(await driver.removeThroughFence(PATH, 'stowage/gc/two/x')).toBe('gone');
  });

  it('outlasts a removal that got no answer, so that it takes nothing when it arrives afterwards', async () => {
    const driver = driverOver();
    await driver.putContent(PATH, content('old'));
    await driver.openFence(FENCE, TREE);
    store.isSlow = true;
    expect(await driver.removeThroughFence(PATH, TAKEN)).toBe('unsure');
    await driver.breakFence(FENCE);
    await driver.putContent(PATH, content('next life'));
    expect(await store.arrive()).toEqual(['expired']);
    expect(there()).toBe('next life');
  });

  it('is broken by its owner only when its removals on their way were answered', async () => {
    const driver = driverOver();
    await driver.putContent(PATH, content('old'));
    await driver.openFence(FENCE, TREE);
    const order: string[] = [];
    let answer: (() => void) | undefined;
    const remove = store.deleteUntil.bind(store);
    store.deleteUntil = async (key, until) => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      order.push('removed');
      return remove(key, until);
    };
    const removal = driver.removeThroughFence(PATH, TAKEN);
    const breaking = driver.breakFence(FENCE).then(() => order.push('broken'));
    await sleep(20);
    expect(await driver.removeThroughFence(PATH, TAKEN)).toBe('fenced');
    answer?.();
    await breaking;
    expect(await removal).toBe('gone');
    expect(order).toEqual(['removed', 'broken']);
  });

  it('is broken by another process only when nothing can be removed through it any more', async () => {
    const [sleeper, breaker] = [driverOver(), driverOver()];
    await sleeper.putContent(PATH, content('old'));
    await sleeper.openFence(FENCE, TREE);
    store.isSlow = true;
    const asleep = sleeper.removeThroughFence(PATH, TAKEN);
    store.isSlow = false;
    await breaker.breakFence(FENCE);
    await breaker.putContent(PATH, content('next life'));
    expect(await asleep).toBe('unsure');
    expect(await store.arrive()).toEqual(['expired']);
    expect(await sleeper.removeThroughFence(PATH, TAKEN)).toBe('fenced');
    expect(there()).toBe('next life');
    // The owner, who has not heard of it, may break it too.
    await sleeper.breakFence(FENCE);
    expect(store.keys('root/stowage')).toEqual([]);
  });

  it('refuses by the clock of the store, whatever time it is elsewhere', async () => {
    const driver = driverOver();
    await driver.putContent(PATH, content('x'));
    store.advance(-86_400_000);
    await driver.openFence(FENCE, TREE);
    expect(await driver.removeThroughFence(PATH, TAKEN)).toBe('gone');
    await driver.putContent(PATH, content('y'));
    store.advance(LIFE);
    expect(await driver.removeThroughFence(PATH, TAKEN)).toBe('fenced');
    expect(there()).toBe('y');
  });

  it('lets nothing be removed by a process that has not opened it', async () => {
    const [owner, other] = [driverOver(), driverOver()];
    await owner.putContent(PATH, content('x'));
    await owner.openFence(FENCE, TREE);
    expect(await other.removeThroughFence(PATH, TAKEN)).toBe('fenced');
    expect(there()).toBe('x');
    expect(await owner.removeThroughFence(PATH, TAKEN)).toBe('gone');
  });

  it('is told of by every process until it is broken', async () => {
    await driverOver().openFence(FENCE, TREE);
    const other = driverOver();
    expect(await other.fencesOpenedBefore('stowage/gc', store.time + 2000)).toEqual(['one']);
    expect(await other.fencesOpenedBefore('stowage/gc', store.time - 2000)).toEqual([]);
    await other.breakFence(FENCE);
    expect(await other.fencesOpenedBefore('stowage/gc', store.time + 2000)).toEqual([]);
  });

  it('is not waited for by its owner after a refusal, and is after a fault that tells nothing', async () => {
    const driver = driverOver();
    await driver.openFence(FENCE, TREE);
    store.deleteUntil = () => Promise.reject(new Error('torn'));
    await expect(driver.removeThroughFence(PATH, TAKEN)).rejects.toThrow('torn');
    const until = store.time + LIFE;
    await driver.breakFence(FENCE);
    expect(store.time).toBeGreaterThanOrEqual(until - MARGIN);
    expect(store.keys()).toEqual([]);
  });
});
