import type { CollectionProcess } from './collection-process.js';
import type { CollectionWorld } from './collection-world.js';

/** A call of one process that is driven step by step. */
export class DrivenCall {
  readonly process: CollectionProcess;
  readonly #world: CollectionWorld;
  #ended = false;
  #failure: Error | undefined;

  private constructor(world: CollectionWorld, process: CollectionProcess) {
    this.#world = world;
    this.process = process;
  }

  static async begin(
    world: CollectionWorld,
    process: CollectionProcess,
    call: (process: CollectionProcess) => Promise<unknown>,
  ): Promise<DrivenCall> {
    const driven = new DrivenCall(world, process);
    void driven.#watch(call);
    await world.scheduler.settle();
    return driven;
  }

  /** What it rejected with. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** One step, for which time passes if it has to. False when nothing of it is left, behind its answer either. */
  async step(): Promise<boolean> {
    const { scheduler } = this.#world;
    const own = scheduler.all().filter(({ life }) => life === this.process.life);
    const [next] = own.toSorted((one, other) => one.wakeAt - other.wakeAt);
    if (next === undefined) return false;
    scheduler.advance(Math.max(0, next.wakeAt - scheduler.now()));
    await scheduler.resume(next);
    return true;
  }

  /** Steps until something is so. @throws when it comes to its end before */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (!(await this.step()))
        throw new Error('the call ended before it came so far', { cause: this.#failure });
    }
  }

  /** It may drive calls of other processes itself. @throws what it rejects with */
  async toEnd(): Promise<void> {
    while ((await this.step()) || !this.#ended) await this.#world.scheduler.settle();
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #watch(call: (process: CollectionProcess) => Promise<unknown>): Promise<void> {
    try {
      await call(this.process);
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
    }
    this.#ended = true;
  }
}
