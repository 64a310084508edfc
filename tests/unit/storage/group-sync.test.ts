import { describe, expect, it } from 'vitest';
import { GroupSync } from '../../../src/infrastructure/durability/group-sync.js';

/** A sync whose end the test decides. */
function heldSync() {
  const begun: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const sync = () => new Promise<void>((resolve, reject) => begun.push({ resolve, reject }));
  return { begun, group: new GroupSync(sync) };
}

const turn = () => new Promise(setImmediate);

describe('GroupSync', () => {
  it('begins when none runs, once for all who come up together', async () => {
    const { begun, group } = heldSync();
    const done = Promise.all([group.run(), Promise.resolve().then(() => group.run())]);
    expect(group.idle).toBe(false);
    await turn();
    expect(begun).toHaveLength(1);
    begun[0]?.resolve();
    await done;
    expect(group.idle).toBe(true);
  });

  it('does not let a call be served by a sync that had begun before it', async () => {
    const { begun, group } = heldSync();
    const first = group.run();
    await turn();
    let served = false;
    const second = group.run().then(() => (served = true));
    begun[0]?.resolve();
    await first;
    await turn();
    expect([served, begun.length]).toEqual([false, 2]);
    begun[1]?.resolve();
    await second;
  });

  it('serves all who come while one runs by a single further sync', async () => {
    const { begun, group } = heldSync();
    const calls = [group.run()];
    await turn();
    calls.push(group.run(), group.run(), group.run());
    begun[0]?.resolve();
    await turn();
    calls.push(group.run());
    begun[1]?.resolve();
    await turn();
    begun[2]?.resolve();
    await Promise.all(calls);
    expect(begun).toHaveLength(3);
  });

  it('never runs two at once, whoever comes in the moment between them', async () => {
    let [running, most] = [0, 0];
    const group = new GroupSync(async () => {
      running += 1;
      most = Math.max(most, running);
      await turn();
      running -= 1;
    });
    const caller = async () => {
      for (let round = 0; round < 20; round += 1) await group.run();
    };
    await Promise.all([caller(), caller(), caller()]);
    expect(most).toBe(1);
  });

  it('gives a failure to all who wait and to all who come later, and never syncs again', async () => {
    const { begun, group } = heldSync();
    const failure = new Error('EIO');
    const first = group.run();
    await turn();
    const waiting = Promise.allSettled([first, group.run(), group.run()]);
    begun[0]?.reject(failure);
    const rejected = { status: 'rejected', reason: failure };
    expect(await waiting).toEqual([rejected, rejected, rejected]);
    await expect(group.run()).rejects.toBe(failure);
    expect(begun).toHaveLength(1);
    expect(group.idle).toBe(true);
  });
});
