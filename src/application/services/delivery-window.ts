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

  /** One that may be tried now; it is at work until it is put back or done. */
  take(now: number): WindowEntry | undefined {
    for (const entry of this.#resting) {
      if (entry.notBefore > now) continue;
      this.#resting.delete(entry);
      this.#ready.push(entry);
    }
    return this.#ready.shift();
  }

  putBack(entry: WindowEntry): void {
    this.#resting.add(entry);
  }

  /** Lets everything be tried at once. */
  wake(): void {
    for (const entry of this.#resting) entry.notBefore = 0;
  }

  finish(entry: WindowEntry): void {
    entry.isDone = true;
    const lane = this.#lanes.get(entry.repository) ?? [];
    lane.shift();
    const [next] = lane;
    if (next === undefined) this.#lanes.delete(entry.repository);
    else this.#ready.push(next);
    this.#moveOn();
  }

  #moveOn(): void {
    while (this.#entries[0]?.isDone === true) this.#entries.shift();
    this.#through = (this.#entries[0]?.id ?? this.#readThrough + 1) - 1;
  }
}
