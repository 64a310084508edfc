/** What a GET of a path answers: the sha256 digest of the bytes, or undefined for a 404. */
export type Content = string | undefined;

/** One request that changes something: all its changes become visible, or none. */
export interface Operation {
  readonly what: string;
  readonly changes: ReadonlyMap<string, Content>;
}

/** What the registry has acknowledged, and what it was asked for when it was killed. */
export class Ledger {
  readonly #acknowledged = new Map<string, Content>();
  readonly #inFlight = new Set<Operation>();

  begin(what: string, changes: Readonly<Record<string, Content>>): Operation {
    const operation = { what, changes: new Map(Object.entries(changes)) };
    this.#inFlight.add(operation);
    return operation;
  }

  acknowledge(operation: Operation): void {
    this.#inFlight.delete(operation);
    for (const [path, content] of operation.changes) this.#acknowledged.set(path, content);
  }

  /** The registry refused it, or it turned out not to have happened. */
  forget(operation: Operation): void {
    this.#inFlight.delete(operation);
  }

  get(path: string): Content {
    return this.#acknowledged.get(path);
  }

  paths(): string[] {
    return [...this.#acknowledged.keys()];
  }

  inFlight(): Operation[] {
    return [...this.#inFlight];
  }
}
