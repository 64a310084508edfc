import { readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { NamedFileRefused } from '../../../application/ports/system/named-file-refused.js';
import type { Clock } from '../../../application/ports/system/clock.js';
import type { Logger } from '../../../application/ports/system/logger.js';
import { fileState } from '../../system/file-state.js';
import { KeyMaterialRefused } from './key-material-refused.js';
import type { KeySource, Occasion } from './key-source.js';
import { PacedLook } from '../paced-look.js';

/** ms between two looks at the file. */
const PACE: Readonly<Record<Occasion, number>> = { time: 60_000, 'unknown key': 1_000 };

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  ENOTDIR: 'is not there',
  EACCES: 'can not be read: there is no permission',
  EISDIR: 'is a folder',
};

export interface KeyPlace {
  /** The key of the configuration that names the file. */
  readonly setting: string;
  readonly path: string;
}

/** Keys in a file, which is read at the start and again when it has changed. */
export class KeyFile<T> implements KeySource<T> {
  readonly #place: KeyPlace;
  readonly #parse: (text: string) => T;
  readonly #logger: Logger;
  readonly #look: PacedLook;
  #value: T;
  /** The state of the file that was looked at last; undefined: it could not be read. */
  #seen: string | undefined;

  /**
   * @param parse throws KeyMaterialRefused
   * @throws NamedFileRefused
   */
  constructor(place: KeyPlace, parse: (text: string) => T, clock: Clock, logger: Logger) {
    this.#place = place;
    this.#parse = parse;
    this.#logger = logger;
    this.#look = new PacedLook(() => this.#read(), clock, clock.now());
    const { state, value } = readKeyFile(place, parse);
    this.#seen = state;
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  look(occasion: Occasion): Promise<void> | undefined {
    return this.#look.unlessWithin(PACE[occasion]);
  }

  async #read(): Promise<void> {
    const { setting, path } = this.#place;
    const before = this.#seen;
    this.#seen = undefined;
    try {
      const state = fileState(await stat(path, { bigint: true }));
      const text = state === before ? undefined : await readFile(path, 'utf8');
      // What was read is not read again, also when it is no good.
      this.#seen = state;
      if (text === undefined) return;
      this.#value = this.#parse(text);
      this.#logger.info('keys of tokens were read again', { setting, path });
    } catch (error) {
      const reason = reasonOf(error);
      // A file that stays away is told of once.
      if (this.#seen === undefined && before === undefined) return;
      const message = 'keys of tokens can not be read; those from before stay in force';
      this.#logger.error(message, { setting, path, reason });
    }
  }
}

/**
 * Reads the file, once.
 * @throws NamedFileRefused
 */
export function readKeyFile<T>({ setting, path }: KeyPlace, parse: (text: string) => T) {
  try {
    // Before the bytes: what is written meanwhile has another state than this.
    const state = fileState(statSync(path, { bigint: true }));
    return { state, value: parse(readFileSync(path, 'utf8')) };
  } catch (error) {
    throw new NamedFileRefused(setting, `${path} ${reasonOf(error)}.`, { cause: error });
  }
}

/** Ends a sentence that begins with the file. */
function reasonOf(error: unknown): string {
  if (error instanceof KeyMaterialRefused) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return FAULTS[code] ?? `can not be read: ${message}`;
}
