import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Row } from '../measures/row.js';
import type { Machine } from './machine.js';

/** What one measure has found, and when, where and how. */
export interface Figures {
  readonly measure: string;
  readonly machine: Machine;
  readonly rounds: number;
  /** Part of the machine that other programs used, 0 to 1. */
  readonly disturbance: number;
  readonly rows: readonly Row[];
}

/** The newest figures of each measure: all of them together take hours, so they are not of one run. */
export class KeptFigures {
  readonly #file: string;

  /** @param file JSON, made by the first run */
  constructor(file: string) {
    this.#file = file;
  }

  /**
   * Puts new figures in the place of the old ones.
   * @param order names of all measures, as they are to stand
   */
  replace(found: readonly Figures[], order: readonly string[]): readonly Figures[] {
    const newest = new Map([...this.#read(), ...found].map((figures) => [figures.measure, figures]));
    const kept = order.flatMap((measure) => newest.get(measure) ?? []);
    writeFileSync(this.#file, `${JSON.stringify(kept, undefined, 1)}\n`);
    return kept;
  }

  #read(): readonly Figures[] {
    return existsSync(this.#file) ? (JSON.parse(readFileSync(this.#file, 'utf8')) as Figures[]) : [];
  }
}
