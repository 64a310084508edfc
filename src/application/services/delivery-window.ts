import type { WaitingEvent } from '../ports/metadata/outbox.js';

/** An event that was read to be delivered. */
export interface WindowEntry {
  readonly id: number;
  readonly repository: string;
  /** Attempts that have failed. */
  failures: number;
  /** Milliseconds of Unix time before which it is not tried again. */
  notBefore: number;
  isDone: boolean;
}

/**
 * The events of one endpoint that are at work: those of one repository one after the other, those of different ones in any
 * order. It knows up to where everything is done.
 */
export class DeliveryWindow {
  #through: number;
  #readThrough: number;
  /** In the order of their ids; the first is not done. */
  readonly #entries: WindowEntry[] = [];
  /** What waits in each repository, the one that is at work first. */
  readonly #lanes = new Map<string, WindowEntry[]>();
  /** The first of their repositories, not at work. */
  readonly #ready: WindowEntry[] = [];
  /** The same, after a failure. */
  readonly #resting = new Set<WindowEntry>();

  /** @param through the id up to which everything is done */
  constructor(through: number) {
    this.#through = through;
    this.#readThrough = through;
  }

  /** Everything up to this id is done. */
  get through(): number {
    return this.#through;
  }

  /** Everything up to this id was read. */
  get readThrough(): number {
    return this.#readThrough;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** @param isWanted false: there is nothing to do with it */
  add({ id, repository }: WaitingEvent, isWanted: boolean): void {
    this.#readThrough = id;
    const entry = { id, repository, failures: 0, notBefore: 0, isDone: !isWanted };
    this.#entries.push(entry);
    if (entry.isDone) {
      this.#moveOn();
      return;
    }
    const lane = this.#lanes.get(repository);
    if (lane !== undefined) {
      lane.push(entry);
      return;
    }
    this.#lanes.set(repository, [entry]);
    this.#ready.push(entry);
  }

  /**
   * Some of one repository that may be tried now, one after the other; they are at work until they are finished or put back.
   */
  take(now: number, most: number): readonly WindowEntry[] {
    for (const entry of this.#resting) {
      if (entry.notBefore > now) continue;
      this.#resting.delete(entry);
      this.#ready.push(entry);
    }
    const first = this.#ready.shift();
    return first === undefined ? [] : this.#laneOf(first.repository).slice(0, most);
  }

  /** The first so many of them are done; what follows may be tried. */
  finish(run: readonly WindowEntry[], done = run.length): void {
    const next = this.#settle(run, done);
    if (next !== undefined) this.#ready.push(next);
  }

  /** The first so many of them are done; the next one rests until its time comes. */
  putBack(run: readonly WindowEntry[], done: number): void {
    const next = this.#settle(run, done);
    if (next !== undefined) this.#resting.add(next);
  }

  /** Lets everything be tried at once. */
  wake(): void {
    for (const entry of this.#resting) entry.notBefore = 0;
  }

  /** @returns what is the first of the repository now */
  #settle(run: readonly WindowEntry[], done: number): WindowEntry | undefined {
    for (const entry of run.slice(0, done)) entry.isDone = true;
    this.#moveOn();
    const repository = run[0]?.repository ?? '';
    const lane = this.#laneOf(repository);
    lane.splice(0, done);
    if (lane.length === 0) this.#lanes.delete(repository);
    return lane[0];
  }

  #laneOf(repository: string): WindowEntry[] {
    return this.#lanes.get(repository) ?? [];
  }

  #moveOn(): void {
    while (this.#entries[0]?.isDone === true) this.#entries.shift();
    this.#through = (this.#entries[0]?.id ?? this.#readThrough + 1) - 1;
  }
}
