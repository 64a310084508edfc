import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from '../registries/program.js';
import { ObjectStore } from '../registries/object-store.js';
import { RunningRegistry, type Setup } from '../registries/running-registry.js';
import type { Options } from '../options.js';
import type { Goal, Row } from './row.js';

export interface Column {
  readonly title: string;
  readonly unit: string;
  readonly goal?: Goal;
}

export interface Measure {
  readonly name: string;
  /** Whether it takes so long, or so much of the disk, that it runs only when it is asked for by its name. */
  readonly onRequest?: boolean;
  run(bench: Bench): Promise<readonly Row[]>;
}

export interface CompareOptions {
  /** Whether config.yml has `storage.cache`, which only the reference heeds. */
  readonly cache?: boolean;
  /** Where both keep what they have, instead of a folder each. */
  readonly store?: ObjectStore | undefined;
  /** Whether clients are sent to the store for blobs. */
  readonly redirects?: boolean;
  /** As Setup has it. */
  readonly log?: Setup['log'];
}

/** Of measures whose goal is a ratio. */
export interface RateOptions extends CompareOptions {
  /** The ratio to reach; none without it. */
  readonly least?: number;
}

/** Starts the registries of a measure, each on a folder and a port of its own, and stops them. */
export class Bench {
  readonly options: Options;
  readonly candidate: Program;
  readonly reference: Program | undefined;
  readonly #folder: string;
  readonly #running = new Set<RunningRegistry>();
  #nextPort: number;
  #store: ObjectStore | undefined;

  constructor(options: Options, folder: string, candidate: Program, reference: Program | undefined) {
    this.options = options;
    this.candidate = candidate;
    this.reference = reference;
    this.#folder = folder;
    this.#nextPort = options.port;
  }

  freshFolder(): string {
    return mkdtempSync(join(this.#folder, 'registry-'));
  }

  /** For what a measure starts by itself. */
  takePort(): number {
    return this.#nextPort++;
  }

  async start(
    program: Program,
    folder = this.freshFolder(),
    cache = true,
    more: Pick<Setup, 'storage' | 'settings' | 'log' | 'onLine'> = {},
  ): Promise<RunningRegistry> {
    const registry = await RunningRegistry.start(program, { folder, port: this.#nextPort++, cache, ...more });
    this.#running.add(registry);
    return registry;
  }

  async stop(registry: RunningRegistry): Promise<void> {
    this.#running.delete(registry);
    await registry.stop();
  }

  /** Runs what compares registries on one object store. */
  async withStore<T>(work: (store: ObjectStore) => Promise<T>): Promise<T> {
    const ports = [this.takePort(), this.takePort(), this.takePort()] as const;
    const store = await ObjectStore.start(this.freshFolder(), ports);
    this.#store = store;
    try {
      return await work(store);
    } finally {
      this.#store = undefined;
      await store.stop();
    }
  }

  /** At once, when the run itself is ended. */
  killAll(): void {
    for (const registry of this.#running) registry.kill();
    this.#store?.kill();
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running].map((registry) => this.stop(registry)));
  }

  /**
   * Starts both registries, prepares them, then samples them in turn, as many rounds as asked; who begins changes.
   * @param sample one value for each column; the first call on each side is a warm-up and is thrown away
   */
  async compare<Prepared>(
    columns: readonly Column[],
    prepare: (registry: RunningRegistry) => Promise<Prepared>,
    sample: (registry: RunningRegistry, prepared: Prepared) => Promise<readonly number[]>,
    { cache = true, store, redirects = false, log = 'error' }: CompareOptions = {},
  ): Promise<Row[]> {
    const programs = this.reference === undefined ? [this.candidate] : [this.reference, this.candidate];
    const sides: { registry: RunningRegistry; prepared: Prepared; rounds: (readonly number[])[] }[] = [];
    for (const program of programs) {
      const registry = await this.start(
        program,
        this.freshFolder(),
        cache,
        store === undefined ? { log } : { log, storage: store.section(redirects) },
      );
      const prepared = await prepare(registry);
      await sample(registry, prepared);
      sides.push({ registry, prepared, rounds: [] });
    }
    for (let round = 0; round < this.options.rounds; round++) {
      // Each begins every other round: what one leaves to the disk, it does in the other's time.
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
        side.rounds.push(await sample(side.registry, side.prepared));
      }
    }
    await this.stopAll();
    const series = sides.map(({ registry, rounds }) => ({ name: registry.name, rounds }));
    return columns.map((column, at) => rowOf(column, at, series));
  }
}

function rowOf(
  column: Column,
  at: number,
  sides: readonly { readonly name: string; readonly rounds: readonly (readonly number[])[] }[],
): Row {
  const [first, second] = sides.map(({ name, rounds }) => ({
    name,
    samples: rounds.map((values) => values[at] ?? Number.NaN),
  }));
  if (first === undefined) throw new Error('nothing was measured');
  return second === undefined
    ? { ...column, subject: first }
    : { ...column, subject: second, baseline: first };
}
