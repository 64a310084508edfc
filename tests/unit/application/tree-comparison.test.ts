import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { MergedName } from '../../../src/application/services/merge-sorted.js';
import { TreeComparison } from '../../../src/application/services/tree-comparison.js';
import { ManualClock } from '../../support/fakes.js';

const never = new AbortController().signal;

/** A tree and a catalog by their names, and what was taken in. */
class World {
  readonly takenIn: string[] = [];
  readonly looked: string[] = [];
  readonly clock = new ManualClock();
  fault: Error | undefined;
  faultAt: string | undefined;
  /** Comparisons wait for it. */
  gate: Promise<void> = Promise.resolve();
  readonly comparison: TreeComparison;

  constructor(tree: readonly string[], catalog: readonly string[], changed: readonly string[]) {
    const repositories = async function* (): AsyncGenerator<MergedName> {
      for (const name of [...new Set([...tree, ...catalog])].toSorted()) {
        yield { name, sides: [tree.includes(name), catalog.includes(name)] };
      }
    };
    this.comparison = new TreeComparison(
      { repositories },
      {
        mayHaveChanged: async (name) => {
          this.looked.push(name);
          await this.gate;
          if (this.fault !== undefined) throw this.fault;
          if (this.faultAt === name) throw new Error('broken');
          return changed.includes(name);
        },
        blobFolders: async () => [],
        now: async () => 0,
      },
      {
        execute: async (name) => {
          this.takenIn.push(name);
        },
      },
      this.clock,
    );
  }
}

describe('the comparison of a tree', () => {
  it('looks at every repository of tree and database once, and takes in what changed', async () => {
    const world = new World(['a', 'b', 'd'], ['b', 'c', 'd'], ['b', 'c']);
    await world.comparison.run(1, never);
    expect(world.looked).toEqual(['a', 'b', 'c', 'd']);
    expect(world.takenIn).toEqual(['b', 'c']);
  });

  it('lets a repository be used once it has been compared, whatever of the others has not', async () => {
    const world = new World(['a', 'b'], [], ['z']);
    let open: () => void = () => undefined;
    const running = world.comparison.run(1, never);
    world.gate = new Promise((resolve) => {
      open = resolve;
    });
    const used = world.comparison.before('z');
    expect(used).toBeDefined();
    expect(world.comparison.ended).toBe(false);
    open();
    await used;
    expect(world.takenIn).toContain('z');
    await running;
  });

  it('compares a repository once for all that ask at the same time', async () => {
    const world = new World(['a'], ['a'], ['a']);
    const running = world.comparison.run(1, never);
    await Promise.all([world.comparison.before('a'), world.comparison.before('a'), running]);
    expect(world.takenIn).toEqual(['a']);
  });

  it('has nothing to wait for before it begins and after its end', async () => {
    const world = new World(['a'], [], []);
    expect(world.comparison.before('a')).toBeUndefined();
    await world.comparison.run(1, never);
    expect(world.comparison.ended).toBe(true);
    expect(world.comparison.before('a')).toBeUndefined();
    await world.comparison.beforeAll();
  });

  it('fails for who asks when the storage fails, and is tried again by the next', async () => {
    const slow = new World(['x'], [], []);
    slow.gate = new Promise(() => undefined);
    void slow.comparison.run(1, never);
    await setImmediate();
    slow.gate = Promise.resolve();
    slow.fault = new Error('broken');
    await expect(slow.comparison.before('a')).rejects.toThrow('broken');
    slow.fault = undefined;
    await slow.comparison.before('a');
    expect(slow.looked.filter((name) => name === 'a')).toHaveLength(2);
  });

  it('goes on where it stood after a fault, and looks at nothing that may have been changed since', async () => {
    const world = new World(['a', 'b', 'c'], [], ['a', 'b', 'c']);
    world.faultAt = 'b';
    await expect(world.comparison.run(1, never)).rejects.toThrow('broken');
    expect(world.comparison.ended).toBe(false);
    world.faultAt = undefined;
    await world.comparison.before('z');
    await world.comparison.run(1, never);
    expect(world.comparison.ended).toBe(true);
    for (const name of ['a', 'b', 'c']) {
      expect(world.takenIn.filter((each) => each === name)).toEqual([name]);
    }
    expect(world.looked.filter((name) => name === 'z')).toHaveLength(1);
  });

  it('does not wait long for the whole', async () => {
    const world = new World(['a'], [], []);
    world.gate = new Promise(() => undefined);
    void world.comparison.run(1, never);
    const waited = world.comparison.beforeAll();
    world.clock.advance(5_000);
    await waited;
    expect(world.comparison.ended).toBe(false);
  });

  it('ends when it is told to', async () => {
    const abort = new AbortController();
    const world = new World(['a', 'b'], [], []);
    abort.abort(new Error('stopping'));
    await expect(world.comparison.run(1, abort.signal)).rejects.toThrow('stopping');
  });
});
