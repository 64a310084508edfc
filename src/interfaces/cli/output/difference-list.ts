import type { IndexDifference } from '../../../application/services/index-difference.js';
import { printTable } from './print-table.js';
import type { Terminal } from './terminal.js';
import { wordsOf } from './show-difference.js';

/** Rows that are shown; of the others only how many there are. */
const SHOWN = 50;

/** Differences for people: the first ones as a table, and how many there are of each kind. */
export class DifferenceList {
  readonly #rows: (readonly string[])[] = [];
  readonly #counts = new Map<IndexDifference['kind'], number>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add({ kind }: IndexDifference, row: readonly string[]): void {
    this.#count += 1;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    if (this.#rows.length < SHOWN) this.#rows.push(row);
  }

  print(terminal: Terminal, head: readonly string[]): void {
    if (this.#count === 0) return;
    printTable(terminal, head, this.#rows);
    const more = this.#count - this.#rows.length;
    if (more > 0) terminal.stdout.write(`… and ${more} more; --json shows all\n`);
  }

  /** `3 differences: 2 only in the tree, 1 other target`; undefined when there is none. */
  summary(): string | undefined {
    if (this.#count === 0) return undefined;
    const kinds = [...this.#counts].map(([kind, count]) => `${count} ${wordsOf(kind)}`).join(', ');
    return `${this.#count} ${this.#count === 1 ? 'difference' : 'differences'}: ${kinds}`;
  }

  /** How many of each kind. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
