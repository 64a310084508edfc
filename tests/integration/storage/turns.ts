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

  /**
   * Gives at most `count` turns; fewer when nobody waits any more. When it resolves, everybody waits for a turn or is
   * done: whoever is then killed is killed between two calls, never in one that goes on after his death.
   */
  async give(count: number): Promise<void> {
    for (let given = 0; given < count; given += 1) {
      await setImmediate();
      const [next] = this.#waiting.splice(Math.floor(this.#chance() * this.#waiting.length), 1);
      if (next === undefined) return;
      next.go();
    }
    await setImmediate();
  }
}

/** Ports of a database, whose calls wait for their turn as well. */
export class PortsInTurn {
  readonly #turns: Turns;
  /** Calls under way. */
  #running = 0;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  of<P extends object>(process: object, port: P): P {
    return new Proxy(port, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          await this.#turns.wait(process);
          this.#running += 1;
          try {
            return (await Reflect.apply(member, target, args)) as unknown;
          } finally {
            this.#running -= 1;
          }
        };
      },
    });
  }

  /** Resolves when no call is under way but those that wait for a turn. */
  async settle(): Promise<void> {
    do await setImmediate();
    while (this.#running > 0);
  }
}
