import { setImmediate } from 'node:timers/promises';

/** Numbers in [0, 1) that the seed determines (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Lets calls that wait for a turn go on one at a time, in an order that chance decides. */
export class Turns {
  readonly #chance: () => number;
  #waiting: { readonly of: object; readonly go: () => void }[] = [];
  readonly #dead = new WeakSet<object>();
  /** Whether everybody who lives goes on at once. */
  free = false;

  constructor(random: () => number) {
    this.#chance = random;
  }

  wait(of: object): Promise<void> {
    return new Promise((go) => {
      if (this.#dead.has(of)) return;
      if (this.free) go();
      else this.#waiting.push({ of, go });
    });
  }

  /** What the dead waited for never comes. */
  kill(of: object): void {
    this.#dead.add(of);
    this.#waiting = this.#waiting.filter((each) => each.of !== of);
  }

  /** Gives at most `count` turns, and waits until the last has been taken; fewer when nobody waits any more. */
  async give(count: number): Promise<void> {
    for (let given = 0; given < count; given += 1) {
      await setImmediate();
      const [next] = this.#waiting.splice(Math.floor(this.#chance() * this.#waiting.length), 1);
      if (next === undefined) return;
      next.go();
    }
    // Whoever kills now must not kill somebody who has his turn and would take it all the same.
    await setImmediate();
  }
}
