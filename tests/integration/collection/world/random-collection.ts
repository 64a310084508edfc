import type { CollectionRequest } from '../../../../src/application/services/collection-run.js';
import { Grace } from '../../../../src/domain/lifecycle/grace.js';
import { QUIET_LISTENER } from './quiet-listener.js';
import { checkAtRest } from './check-at-rest.js';
import { checkWorld } from './check-world.js';
import type { CollectionProcess } from './collection-process.js';
import { CollectionWorld } from './collection-world.js';
import { comeToRest } from './come-to-rest.js';
import { prepareSpecialContent } from './special-content.js';
import type { Life, Parked } from './scheduler.js';
import { RandomClient } from './random-client.js';
import type { RunPlan } from './run-plan.js';

const NEVER = new AbortController().signal;
const LEASE = 120_000;
const CLIENTS = 5;
/** Steps between two looks at everything. */
const LOOK = 400;
/** Steps that a failure tells. */
const REMEMBERED = 60;

export interface RandomRun {
  /** Empty when all is well. */
  readonly complaints: readonly string[];
  readonly requests: number;
  readonly steps: number;
  readonly kills: number;
  /** What happened last, when there are complaints. */
  readonly trace: readonly string[];
}

interface Slot {
  life: Life | undefined;
  busy: boolean;
}

/** Random clients, workers and accidents on one world, until so many requests were made; then rest, and a look at everything. */
export async function runRandomCollection(plan: RunPlan, requests: number): Promise<RandomRun> {
  const world = await CollectionWorld.open(plan.seed, plan.rules);
  try {
    return await new RandomCollection(world, plan).run(requests);
  } finally {
    await world.close();
  }
}

class RandomCollection {
  readonly #world: CollectionWorld;
  readonly #plan: RunPlan;
  readonly #client: RandomClient;
  readonly #slots: Slot[] = Array.from({ length: CLIENTS }, () => ({ life: undefined, busy: false }));
  readonly #workers = new Map<Life, Slot>();
  readonly #trace: string[] = [];
  readonly #complaints: string[] = [];
  #kills = 0;

  constructor(world: CollectionWorld, plan: RunPlan) {
    this.#world = world;
    this.#plan = plan;
    this.#client = new RandomClient(world);
    world.faults = plan.faults;
    world.referrersAtOnce = plan.referrersAtOnce;
  }

  async run(requests: number): Promise<RandomRun> {
    const { scheduler, processes } = this.#world;
    for (let at = 0; at < this.#plan.processes; at += 1) await this.#world.start();
    await prepareSpecialContent(this.#world);
    for (let at = 0; this.#client.requests < requests && this.#isWell; at += 1) {
      this.#employ(processes);
      await this.#step();
      if (at % LOOK === 0) this.#complaints.push(...(await checkWorld(this.#world)));
    }
    if (this.#isWell) await this.#rest();
    return {
      complaints: [...new Set([...this.#world.model.violations, ...this.#complaints])],
      requests: this.#client.requests,
      steps: scheduler.steps,
      kills: this.#kills,
      trace: this.#isWell ? [] : this.#trace,
    };
  }

  get #isWell(): boolean {
    return this.#complaints.length === 0 && this.#world.model.violations.length === 0;
  }

  /** Whoever has nothing to do gets something. */
  #employ(processes: readonly CollectionProcess[]): void {
    const { choices } = this.#world;
    for (const slot of this.#slots) {
      if (slot.busy && slot.life?.alive === true) continue;
      const process = choices.pick(processes);
      this.#begin(slot, process.life, () => this.#client.operate(process));
    }
    for (const process of processes) {
      const slot = this.#workers.get(process.life) ?? { life: process.life, busy: false };
      this.#workers.set(process.life, slot);
      if (!slot.busy) this.#begin(slot, process.life, () => this.#work(process));
    }
  }

  #begin(slot: Slot, life: Life, work: () => Promise<void>): void {
    slot.life = life;
    slot.busy = true;
    void (async () => {
      try {
        await work();
      } catch (error) {
        this.#complaints.push(
          `${life.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
        if (error instanceof Error && error.cause instanceof Error)
          this.#complaints.push(String(error.cause.stack));
      }
      // A slot that was given to a living process is no longer its own.
      if (slot.life === life) slot.busy = false;
    })();
  }

  /** The jobs of a process that serves. */
  async #work(process: CollectionProcess): Promise<void> {
    const { choices } = this.#world;
    if (choices.once(3)) await process.replayNames.execute();
    if (choices.once(2)) await process.names.flush();
    if (choices.once(6)) await process.forgetUploads.execute();
    await process.collect.execute(this.#request(process), QUIET_LISTENER, NEVER);
    await process.clock.sleep(choices.pick([1, 100, 5_000]));
  }

  #request({ grace }: CollectionProcess): CollectionRequest {
    const { choices, model } = this.#world;
    const shortened = model.rules.shortened && choices.once(3) ? new Grace(0) : grace;
    const { untagged } = this.#plan;
    return { grace: shortened, requested: false, untagged, batch: choices.pick([2, 7, 100]), pause: 0 };
  }

  async #step(): Promise<void> {
    const { scheduler, choices } = this.#world;
    if (choices.once(40)) this.#passTime();
    if (this.#plan.kills && choices.once(2_500)) await this.#killOne();
    const ready = scheduler.ready();
    if (ready.length === 0) {
      const earliest = Math.min(...scheduler.all().map(({ wakeAt }) => wakeAt));
      if (Number.isFinite(earliest)) scheduler.advance(Math.max(0, earliest - scheduler.now()));
      return scheduler.settle();
    }
    const next = choices.pick(ready);
    if (choices.once(400)) return this.#putToSleep(next);
    this.#note(`${next.life.name} ${next.label}`);
    await scheduler.resume(next);
  }

  #passTime(): void {
    const { grace } = this.#world.model.rules;
    const { scheduler, choices } = this.#world;
    const ms = choices.pick([1, 20, 1_000, grace / 10, grace / 3, grace, 61_000]);
    const rare = choices.once(20) ? LEASE + 1 : ms;
    scheduler.advance(Math.ceil(choices.once(3) ? rare : Math.min(ms, 1_000)));
    this.#note(`it is ${scheduler.now()}`);
  }

  /** A process that is stopped, or a thread that is not run, in the middle of whatever it does. */
  #putToSleep(parked: Parked): void {
    const { scheduler, choices } = this.#world;
    parked.wakeAt = scheduler.now() + choices.pick([1_000, LEASE / 2, LEASE + 1, 2 * LEASE]);
    this.#note(`${parked.life.name} sleeps before ${parked.label}`);
  }

  async #killOne(): Promise<void> {
    const { processes, choices } = this.#world;
    const process = choices.pick(processes);
    this.#note(`${process.life.name} is killed`);
    this.#kills += 1;
    this.#workers.delete(process.life);
    this.#world.kill(process);
    await this.#world.start();
  }

  async #rest(): Promise<void> {
    this.#world.faults = false;
    await this.#finishWork();
    this.#complaints.push(...(await checkWorld(this.#world)));
    this.#note('rest');
    await comeToRest(this.#world, this.#plan.untagged);
    this.#complaints.push(...(await checkAtRest(this.#world, this.#plan.untagged)));
  }

  async #finishWork(): Promise<void> {
    const { scheduler, choices } = this.#world;
    for (;;) {
      const parked = scheduler.all();
      if (parked.length === 0) return;
      const next = choices.pick(parked);
      scheduler.advance(Math.max(0, Math.ceil((next.wakeAt - scheduler.now()) / 3)));
      this.#note(`${next.life.name} ${next.label}`);
      await scheduler.resume(next);
    }
  }

  #note(text: string): void {
    this.#trace.push(text);
    if (this.#trace.length > REMEMBERED) this.#trace.shift();
  }
}
